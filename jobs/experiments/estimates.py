"""What several seeds say of one number, as answers have it: an estimate with its interval, or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from jobs.experiments.statistics.arrivals import median_interval
from jobs.experiments.statistics.interval import Assumes, Bounds, Centre, Interval, number_in, single
from jobs.experiments.statistics.outcomes import wilson_interval
from jobs.experiments.statistics.ratios import ratio_interval, ratios
from jobs.experiments.statistics.signed_ranks import bounded_signed_rank_interval

AnyCentre = TypeVar("AnyCentre")


@dataclass(frozen=True)
class Estimate(Generic[Centre]):
    """An estimate from n seeds, and how often an interval like this holds the number: `coverage`.

    One seed alone has no interval: low, high, coverage and assumes are None. See `statistics.interval.Interval`.
    """

    centre: Centre
    low: float | None
    high: float | None
    coverage: float | None
    n: int
    assumes: Assumes | None


def of_numbers(values: Sequence[Bounds]) -> Estimate[float] | None:
    """Of values or differences, by signed ranks; NaN is the centre where bounds do not tell it. None of no values.

    >>> of_numbers([Bounds(0.5, 0.5)])
    Estimate(centre=0.5, low=None, high=None, coverage=None, n=1, assumes=None)
    """
    if not values:
        return None
    interval = bounded_signed_rank_interval(values)
    return _alone(number_in(values[0])) if interval is None else _of(single(interval))


def of_steps(steps: Sequence[Bounds]) -> Estimate[Bounds] | None:
    """Of steps to a target: their median, with order statistics. None of none."""
    if not steps:
        return None
    interval = median_interval(steps)
    return _alone(steps[0]) if interval is None else _of(interval)


def of_ratios(over: Sequence[Bounds], under: Sequence[Bounds]) -> Estimate[Bounds] | None:
    """Of ratios, such as of steps, one pair a seed, by signed ranks of their logarithms. None of no pairs."""
    if not over:
        return None
    interval = ratio_interval(over, under)
    return _alone(ratios(over, under)[0]) if interval is None else _of(interval)


def of_share(k: int, n: int) -> Estimate[float] | None:
    """Of k of n seeds, by Wilson. None of none."""
    return _of(wilson_interval(k, n)) if n else None


def _of(found: Interval[Centre]) -> Estimate[Centre]:
    return Estimate(found.centre, found.low, found.high, found.coverage, found.n, found.assumes)


def _alone(value: AnyCentre) -> Estimate[AnyCentre]:
    return Estimate(value, None, None, None, 1, None)
