"""How many times one variant's number is another's over paired seeds: of steps, errors and norms, by their logarithms.

On logarithms twice as many and half as many are equally far from equal, and no interval reaches below 0. Infinite
numbers are allowed, and zeros; of a pair of two infinite ones, or two zeros, the ratio may be anything.
"""

from collections.abc import Sequence
from math import exp, inf, isnan, log

from jobs.experiments.statistics.interval import Bounds, Interval
from jobs.experiments.statistics.signed_ranks import bounded_signed_rank_interval

LARGEST = 709.0  # of which the exponential is still a float


def ratio_interval(over: Sequence[Bounds], under: Sequence[Bounds]) -> Interval[Bounds] | None:
    """The ratio of pairs of numbers, none below 0, one pair a seed, and its interval by signed ranks of the logarithms.

    The numbers may be known by bounds only, as steps to a target are. The centre is the Hodges-Lehmann estimate of the
    logarithms, turned back into a ratio. None of fewer than two pairs.

    >>> found = ratio_interval([Bounds(900, 1000), Bounds(2000, inf)], [Bounds(90, 100), Bounds(100, 200)])
    >>> round(found.low, 9), found.high, found.coverage
    (9.0, inf, 0.5)
    """
    found = bounded_signed_rank_interval(log_ratios(over, under))
    if found is None:
        return None
    return Interval(_exp(found.low), _exp(found.high), _exps(found.centre), found.coverage, found.n, found.assumes)


def ratios(over: Sequence[Bounds], under: Sequence[Bounds]) -> list[Bounds]:
    """Each pair's ratio.

    >>> ratios([Bounds(2000, inf)], [Bounds(1000, 1000)])
    [Bounds(low=2.0, high=inf)]
    """
    return [_exps(each) for each in log_ratios(over, under)]


def log_ratios(over: Sequence[Bounds], under: Sequence[Bounds]) -> list[Bounds]:
    """The logarithm of each pair's ratio: the least where the upper number is least and the lower one greatest.

    >>> log_ratios([Bounds(2, 4)], [Bounds(2, 2)]), log_ratios([Bounds(inf, inf)], [Bounds(inf, inf)])
    ([Bounds(low=0.0, high=0.6931471805599453)], [Bounds(low=-inf, high=inf)])
    """
    return [
        Bounds(_difference(one.low, other.high, -inf), _difference(one.high, other.low, inf))
        for one, other in zip(over, under, strict=True)
    ]


def _difference(over: float, under: float, unknown: float) -> float:
    difference = _log(over) - _log(under)
    return unknown if isnan(difference) else difference


def _log(x: float) -> float:
    return log(x) if x else -inf


def _exps(logs: Bounds) -> Bounds:
    return Bounds(_exp(logs.low), _exp(logs.high))


def _exp(x: float) -> float:
    return exp(x) if x <= LARGEST else inf
