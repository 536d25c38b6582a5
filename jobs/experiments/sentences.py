"""Verdicts in words that who knows no statistics understands too: what was seen, and what that allows to conclude."""

from collections.abc import Callable
from math import inf, isinf, isnan
from statistics import median, median_low

from jobs.experiments.question import AlongAxis, Largest, OfSeries, StepsTo, Wander, is_ratio
from jobs.experiments.seen import Seen, Side
from jobs.experiments.spoken import (
    axis_in_words,
    best_in_words,
    end,
    named,
    number,
    of_all,
    settings_in_words,
)
from jobs.experiments.statistics.interval import LEVEL
from jobs.experiments.statistics.verdicts import Outcome

FEWEST = 6  # seeds with which an interval can cover 95 %


def sentence(seen: Seen, outcome: Outcome, corrected_p: float | None, comparisons: int, delta: float) -> str:
    """What was seen and what follows from it, in a few sentences."""
    if not seen.pairs or seen.interval is None:
        return f"{_absent(seen)} Open."
    if seen.all_diverged:
        both = f"of '{seen.one.name}' and of '{seen.other.name}'"
        return f"Every seed {both} diverged, so that there is nothing to compare.{_chosen(seen)} Open."
    told = TOLD.get(type(seen.primary), _of_difference)(seen)
    return f"{told}{_chosen(seen)} {_conclusion(seen, outcome, corrected_p, comparisons, delta)}"


def _absent(seen: Seen) -> str:
    """Why there is nothing to compare."""
    for side in (seen.one, seen.other):
        if isinstance(seen.primary, OfSeries | Wander) and side.ended and not side.seeds:
            return f"No seed of '{side.name}' that came to an end has a number in {named(seen.primary)}."
        if seen.choice is not None and not side.ended:
            return (
                f"'{side.name}' has fewer than two seeds that came to an end at every setting, so that there are no "
                f"others by which to choose a seed's {best_in_words(seen.choice.axes, seen.choice.settings)}."
            )
    if seen.one.ended and seen.other.ended and seen.target is None and isinstance(seen.primary, StepsTo):
        return f"No accuracy of '{seen.other.name}' is known for every seed, so that there is no best to arrive at."
    return f"'{seen.one.name}' and '{seen.other.name}' have no seed in common that came to an end and can be read."


def _chosen(seen: Seen) -> str:
    if seen.choice is None:
        return ""
    best = best_in_words(seen.choice.axes, seen.choice.settings)
    said = f" Each seed is at the {best}, chosen by the other seeds on the validation part"
    if isinstance(seen.primary, AlongAxis):
        return f"{said}."
    sides = (f"'{side.name}' {settings_in_words(side.chosen)}" for side in (seen.one, seen.other))
    return f"{said}: {', '.join(sides)}."


def _of_steps(seen: Seen) -> str:
    assert seen.target is not None  # or no seed has a number
    one, other = (_arrival(side, seen.target) for side in (seen.one, seen.other))
    return f"'{seen.one.name}' {one}; '{seen.other.name}' {other}.{_times(seen, 'fast')}"


def _of_largest(seen: Seen) -> str:
    assert isinstance(seen.primary, Largest)
    axis = axis_in_words(seen.primary.over)
    one, other = (f"'{side.name}' {_reach(side, axis)}" for side in (seen.one, seen.other))
    return f"To {seen.target:.4g} at the end {one}; {other}.{_times(seen, 'much')}"


def _reach(side: Side, axis: str) -> str:
    """`learns up to learning rate 0.3 (not at 1) in the median of eight seeds`."""
    # Of an even number the lesser of the two in the middle: between them lies no value that was tried.
    low, high = (median_low(ends) for ends in ([each.low for each in side.values], [each.high for each in side.values]))
    of_them = f"in the median of {number(len(side.seeds))} seeds" if len(side.seeds) > 1 else "in the one seed"
    if not low:
        return f"learns at no {axis} {of_them}"
    beyond = ", the largest that was tried," if high == inf else f" (not at {high:.4g})"
    return f"learns up to {axis} {low:.4g}{beyond} {of_them}"


TOLD: dict[type, Callable[[Seen], str]] = {StepsTo: _of_steps, Largest: _of_largest}
"""By primary what was seen; of any other a difference."""


def _times(seen: Seen, as_what: str) -> str:
    """` That is 2 to 3 times as fast (96 % interval, 8 pairs of seeds).`"""
    assert seen.interval is not None
    low, high = seen.interval.low, seen.interval.high
    if low is None or high is None or isinf(low) or (low == 0 and isinf(high)):
        return ""
    times = f"at least {low:.3g}" if isinf(high) else f"{low:.3g} to {high:.3g}"
    return f" That is {times} times as {as_what} ({_interval(seen)})."


def _arrival(side: Side, target: float) -> str:
    """`reached 0.9 after 700 to 800 steps in all three seeds` or, where those differ, `in all three seeds, their median
    after 700 to 800 steps`."""
    there = [each for each in side.values if each.high < inf]
    n = len(side.values)
    budgets = sorted(each.low for each in side.values if 0 < each.low < each.high == inf)
    budget = " to ".join(dict.fromkeys(f"{each:,.0f}" for each in budgets[:1] + budgets[-1:]))
    lost = f" ({number(side.diverged)} diverged)" if side.diverged else ""
    if not there:
        within = f" within {budget} steps" if budget else ""
        return f"never reached {target:.4g}{within}, in {of_all(0, n)}{lost}"
    low, high = median(each.low for each in there), median(each.high for each in there)
    steps = f"{low:,.0f} to {high:,.0f}" if low < high else f"{high:,.0f}"
    rest = "the other" if n - len(there) == 1 else "the others"
    within = f"not within {budget} in {rest}" if budget else f"never in {rest}"
    never = f", {within}" if len(there) < n else ""
    seeds, after = of_all(len(there), n), f"after {steps} steps"
    when = f"{after} in {seeds}" if len(set(there)) == 1 else f"in {seeds}, their median {after}"
    return f"reached {target:.4g} {when}{never}{lost}"


def _of_difference(seen: Seen) -> str:
    assert seen.interval is not None
    lost = "".join(
        f"{of_all(side.diverged, len(side.values)).capitalize()} of '{side.name}' diverged. "
        for side in (seen.one, seen.other)
        if side.diverged
    )
    centre = seen.interval.centre
    assert isinstance(centre, float)
    where = f"in {named(seen.primary)}"
    interval = f" ({_interval(seen)})" if seen.pairs > 1 else ""
    if isnan(centre) or isinf(centre):
        return f"{lost}'{seen.one.name}' minus '{seen.other.name}' has no finite number {where}{interval}."
    apart = "level with" if centre == 0 else f"{abs(centre):.4g} {'above' if centre > 0 else 'below'}"
    return f"{lost}'{seen.one.name}' is {apart} '{seen.other.name}' {where}{interval}."


def _interval(seen: Seen) -> str:
    """`96 % interval 0.02 to 0.023, 8 pairs of seeds`."""
    found = seen.interval
    if found is None or found.low is None or found.high is None or found.coverage is None:
        return f"{seen.pairs} pairs of seeds"
    ends = "" if is_ratio(seen.primary) else f" {end(found.low)} to {end(found.high)}"
    return f"{100 * found.coverage:.3g} % interval{ends}, {seen.pairs} pairs of seeds"


def _conclusion(seen: Seen, outcome: Outcome, corrected_p: float | None, comparisons: int, delta: float) -> str:
    of_several = f", corrected for {number(comparisons)} variants" if comparisons > 1 else ""
    if outcome == "equal" and not delta:
        return f"Equal: the whole interval is {1 if is_ratio(seen.primary) else 0}."
    if outcome == "equal":
        within = f"a factor of {1 + delta:.4g}" if is_ratio(seen.primary) else f"{delta:.4g}"
        return f"Equal: the interval lies within {within}."
    if outcome != "open":
        return f"{outcome.capitalize()}: p is {corrected_p:.2g}{of_several}."
    if seen.pairs == 1:
        return "Open: one seed says nothing of how seeds vary, so that there is no interval."
    found, same = seen.interval, 1.0 if is_ratio(seen.primary) else 0.0
    assert found is not None
    if found.coverage is not None and found.coverage < LEVEL:
        return (
            f"Open: the interval of {number(seen.pairs)} seeds covers {100 * found.coverage:.3g} %; "
            f"{number(FEWEST)} are the fewest with which one covers 95 %."
        )
    if found.low is None or found.high is None or found.low <= same <= found.high:
        return f"Open: the interval holds {same:.0f}; more seeds may decide."
    return f"Open: p is {corrected_p:.2g}{of_several}; more seeds may decide."
