"""Verdicts in words that who knows no statistics understands too: what was seen, and what that allows to conclude."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isinf, isnan
from statistics import median

from jobs.experiments.estimates import Estimate
from jobs.experiments.question import AreaAbove, Last, Mean, StepsTo
from jobs.experiments.statistics.interval import LEVEL, Bounds
from jobs.experiments.statistics.verdicts import Outcome

FEWEST = 6  # seeds with which an interval can cover 95 %
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Side:
    """A variant, the numbers of its seeds that came to an end, and how many of those diverged."""

    name: str
    values: Sequence[Bounds]
    diverged: int


@dataclass(frozen=True)
class Seen:
    """What a verdict is of: `one` against `other`, and the interval of the pairs of seeds that both have."""

    primary: Last | Mean | StepsTo | AreaAbove
    one: Side
    other: Side
    pairs: int
    interval: Estimate[float] | Estimate[Bounds] | None
    target: float | None
    """The accuracy to which steps are counted; None where it is not known, or no steps are counted."""


def sentence(seen: Seen, outcome: Outcome, corrected_p: float | None, comparisons: int, delta: float) -> str:
    """What was seen and what follows from it, in one or two sentences."""
    if not seen.pairs or seen.interval is None:
        return f"'{seen.one.name}' and '{seen.other.name}' have no seed in common that came to an end. Open."
    told = _of_steps(seen) if isinstance(seen.primary, StepsTo) else _of_difference(seen)
    return f"{told} {_conclusion(seen, outcome, corrected_p, comparisons, delta)}"


def _of_steps(seen: Seen) -> str:
    assert seen.target is not None  # or no seed has a number
    one, other = (_arrival(side, seen.target) for side in (seen.one, seen.other))
    told = f"'{seen.one.name}' {one}; '{seen.other.name}' {other}."
    assert seen.interval is not None
    low, high = seen.interval.low, seen.interval.high
    if low is None or high is None or isinf(low) or (low == 0 and isinf(high)):
        return told
    times = f"at least {low:.3g}" if isinf(high) else f"{low:.3g} to {high:.3g}"
    return f"{told} That is {times} times as fast ({_interval(seen)})."


def _arrival(side: Side, target: float) -> str:
    """`reached 0.9 after 700 to 800 steps in all three seeds`."""
    there = [each for each in side.values if each.high < inf]
    n = len(side.values)
    budget = max((each.low for each in side.values if each.low < each.high == inf), default=0.0)
    lost = f" ({_number(side.diverged)} diverged)" if side.diverged else ""
    if not there:
        within = f" within {budget:,.0f} steps" if budget else ""
        return f"never reached {target:.4g}{within}, in {_of_all(0, n)}{lost}"
    low, high = median(each.low for each in there), median(each.high for each in there)
    steps = f"{low:,.0f} to {high:,.0f}" if low < high else f"{high:,.0f}"
    rest = "the other" if n - len(there) == 1 else "the others"
    within = f"not within {budget:,.0f} in {rest}" if budget else f"never in {rest}"
    never = f", {within}" if len(there) < n else ""
    return f"reached {target:.4g} after {steps} steps in {_of_all(len(there), n)}{never}{lost}"


def _of_difference(seen: Seen) -> str:
    assert seen.interval is not None
    lost = "".join(
        f"{_number(side.diverged).capitalize()} of {_number(len(side.values))} seeds of '{side.name}' diverged. "
        for side in (seen.one, seen.other)
        if side.diverged
    )
    centre = seen.interval.centre
    assert isinstance(centre, float)
    where = f"in {_named(seen.primary)}"
    interval = f" ({_interval(seen)})" if seen.pairs > 1 else ""
    if isnan(centre) or isinf(centre):
        return f"{lost}'{seen.one.name}' minus '{seen.other.name}' has no finite number {where}{interval}."
    apart = "level with" if centre == 0 else f"{abs(centre):.4g} {'above' if centre > 0 else 'below'}"
    return f"{lost}'{seen.one.name}' is {apart} '{seen.other.name}' {where}{interval}."


def _named(primary: Last | Mean | StepsTo | AreaAbove) -> str:
    if isinstance(primary, Mean):
        first = "the first step" if primary.from_step is None else f"step {primary.from_step:,}"
        last = "the last" if primary.to_step is None else f"step {primary.to_step:,}"
        return f"{primary.series}, its mean from {first} to {last}"
    return f"{primary.series} at the end" if isinstance(primary, Last) else "the area above the curve of test.accuracy"


def _interval(seen: Seen) -> str:
    """`96 % interval 0.02 to 0.023, 8 pairs of seeds`."""
    found = seen.interval
    if found is None or found.low is None or found.high is None or found.coverage is None:
        return f"{seen.pairs} pairs of seeds"
    ends = "" if isinstance(seen.primary, StepsTo) else f" {_end(found.low)} to {_end(found.high)}"
    return f"{100 * found.coverage:.3g} % interval{ends}, {seen.pairs} pairs of seeds"


def _end(value: float) -> str:
    return "infinity" if value == inf else "minus infinity" if value == -inf else f"{value:.4g}"


def _conclusion(seen: Seen, outcome: Outcome, corrected_p: float | None, comparisons: int, delta: float) -> str:
    of_several = f", corrected for {_number(comparisons)} variants" if comparisons > 1 else ""
    if outcome == "equal":
        within = f"a factor of {1 + delta:.4g}" if isinstance(seen.primary, StepsTo) else f"{delta:.4g}"
        return f"Equal: the interval lies within {within}."
    if outcome != "open":
        return f"{outcome.capitalize()}: p is {corrected_p:.2g}{of_several}."
    if seen.pairs == 1:
        return "Open: one seed says nothing of how seeds vary, so that there is no interval."
    found, same = seen.interval, 1.0 if isinstance(seen.primary, StepsTo) else 0.0
    assert found is not None
    if found.coverage is not None and found.coverage < LEVEL:
        return (
            f"Open: the interval of {_number(seen.pairs)} seeds covers {100 * found.coverage:.3g} %; "
            f"{_number(FEWEST)} are the fewest with which one covers 95 %."
        )
    if found.low is None or found.high is None or found.low <= same <= found.high:
        return f"Open: the interval holds {same:.0f}; more seeds may decide."
    return f"Open: p is {corrected_p:.2g}{of_several}; more seeds may decide."


def _of_all(k: int, n: int) -> str:
    """`all three seeds`, `two of three seeds`."""
    if n == 1:
        return "the one seed"
    return f"all {_number(n)} seeds" if k in (0, n) else f"{_number(k)} of {_number(n)} seeds"


def _number(n: int) -> str:
    """
    >>> _number(3), _number(12)
    ('three', '12')
    """
    return NUMBERS[n] if n < len(NUMBERS) else str(n)
