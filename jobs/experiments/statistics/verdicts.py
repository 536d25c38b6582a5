"""What is concluded: better, worse, equal or open, and the p of several checks that are read as one."""

from collections.abc import Sequence
from typing import Literal

from jobs.experiments.statistics.interval import LEVEL, Interval

Outcome = Literal["better", "worse", "equal", "open"]


def verdict_on_difference(
    interval: Interval[object] | None, delta: float, wanted: Literal["higher", "lower"]
) -> Outcome:
    """What an interval of the differences to a baseline says, where less than `delta` is no difference worth a word.

    It is `equal` where the interval lies within +-delta, ends included, be 0 inside of it or not; else `better` or
    `worse` where it leaves 0 out; else `open`: also where there is no interval, or one that covers less than 95 %.
    delta: at least 0. Equality by an interval: Schuirmann 1987, who asks for 90 %.

    >>> interval = Interval(0.01, 0.03, 0.02, 0.961, 8, "symmetric")
    >>> [verdict_on_difference(interval, delta, "higher") for delta in (0.0, 0.02, 0.03)]
    ['better', 'better', 'equal']
    """
    return _verdict(interval, -delta, 0.0, delta, wanted)


def verdict_on_ratio(interval: Interval[object] | None, delta: float, wanted: Literal["higher", "lower"]) -> Outcome:
    """The same of an interval of ratios, where less than 1 + delta times as much, either way, is no difference.

    >>> verdict_on_ratio(Interval(0.95, 1.08, 1.0, 0.961, 8, "symmetric"), 0.1, "lower")
    'equal'
    """
    return _verdict(interval, 1 / (1 + delta), 1.0, 1 + delta, wanted)


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """Each p corrected for being one of several: all below 5 % are then true together with 95 %, or none is false.

    The least is multiplied by their number, the next by one less, and so on; none becomes less than one that was less
    before, nor more than 1. Holm 1979.

    >>> holm([0.01, 0.04, 0.03, 0.005])
    (0.03, 0.06, 0.06, 0.02)
    """
    corrected = [1.0] * len(p)
    least = 0.0
    for place, i in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        least = max(least, min(1.0, (len(p) - place) * p[i]))
        corrected[i] = least
    return tuple(corrected)


def _verdict(
    interval: Interval[object] | None, low: float, same: float, high: float, wanted: Literal["higher", "lower"]
) -> Outcome:
    if interval is None or interval.coverage < LEVEL:
        return "open"
    if low <= interval.low and interval.high <= high:
        return "equal"
    if interval.low <= same <= interval.high:
        return "open"
    return "better" if (interval.low > same) == (wanted == "higher") else "worse"
