"""What the demo has found, in sentences that a newcomer understands, and what so few seeds can show."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

Group = Mapping[str, Any]
"""A variant of an experiment, as answers have it with its seeds, all of which succeeded."""

FEWEST = 6  # seeds that all come out the same way by chance in less than one experiment of twenty
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def arrivals(groups: Sequence[Group], target: int, steps: int) -> str:
    """When each variant came to a target, by its place among the targets, and which never did within so many steps.

    >>> def seeds(*found): return [
    ...     {"outcome": "succeeded", "measured": {"steps_to": [{"low": 0, "high": high}]}} for high in found]
    >>> groups = [{"variant": name, "steps_to": [{"target": 0.9}], "seeds": found}
    ...           for name, found in (("without BN", seeds("Infinity")), ("with BN", seeds(760)))]
    >>> arrivals(groups, 0, 10_000)
    'Accuracy 0.90: without BN never, within 10,000 steps; with BN after 760 steps.'
    """
    (accuracy,) = {group["steps_to"][target]["target"] for group in groups}
    said = "; ".join(f"{group['variant']} {_arrival(group, target, steps)}" for group in groups)
    return f"Accuracy {accuracy:.2f}: {said}."


def finals(groups: Sequence[Group], steps: int) -> str:
    """The test accuracies at the end, from the least to the greatest seed."""
    said = []
    for group in groups:
        known = [seed["measured"]["final_accuracy"] for seed in group["seeds"]]
        ends = dict.fromkeys(f"{value:.3f}" for value in (min(known), max(known)))
        said.append(f"{group['variant']} {' to '.join(ends)}")
    return f"After {steps:,} steps: {'; '.join(said)}."


def what_seeds_show(seeds: int) -> str:
    """What a comparison of so many seeds can show, and what it cannot.

    >>> what_seeds_show(3).split(": ", 1)[0]
    'Where three seeds agree, that was no accident of one training, and not more'
    """
    if seeds == 1:
        return (
            "One seed shows how one training went: how much another would differ by chance alone it does not say. "
            "Take three (--seeds 3)."
        )
    among = f"one of {2 ** (seeds - 1):,} experiments"
    chance = f"if BN made no difference, all of them would still agree on the better network in {among}"
    if seeds < FEWEST:
        return (
            f"Where {_number(seeds)} seeds agree, that was no accident of one training, and not more: {chance}. "
            f"{_number(FEWEST).capitalize()} (--seeds {FEWEST}) are the fewest with which that is rarer than one of 20."
        )
    return f"Where {_number(seeds)} seeds agree, chance alone is a poor explanation: {chance}."


def _arrival(group: Group, target: int, steps: int) -> str:
    """`after 700 to 900 steps in all three`, `never, within 10,000 steps`."""
    after = [float(seed["measured"]["steps_to"][target]["high"]) for seed in group["seeds"]]
    there, seeds = sorted(each for each in after if each < inf), len(after)
    if not there:
        return f"never, within {steps:,} steps"
    ends = dict.fromkeys(f"{each:,.0f}" for each in (there[0], there[-1]))
    where = f"after {' to '.join(ends)} steps"
    if seeds == 1:
        return where
    if len(there) == seeds:
        return f"{where} in {'both' if seeds == 2 else f'all {_number(seeds)}'}"
    return f"{where} in {_number(len(there))} of {_number(seeds)}, else never, within {steps:,}"


def _number(n: int) -> str:
    return NUMBERS[n] if n < len(NUMBERS) else str(n)
