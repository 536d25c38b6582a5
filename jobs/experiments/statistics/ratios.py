"""How many times one variant's number is another's over paired seeds: of steps, errors and norms, by their logarithms.

On logarithms twice as many and half as many are equally far from equal, and no interval reaches below 0. Infinite
numbers are allowed, and zeros; of a pair of two infinite ones, or two zeros, the ratio may be anything.
"""

from collections.abc import Sequence
from math import exp, fsum, inf, isfinite, isnan, log, nan

from jobs.experiments.statistics.interval import Bounds, Interval, known, single
from jobs.experiments.statistics.signed_ranks import bounded_signed_rank_interval
from jobs.experiments.statistics.students import students_interval

SIGNED_RANKS = 6  # pairs, from which on their interval covers 95 %
LARGEST = 709.0  # of which the exponential is still a float


def geometric_mean(over: Sequence[float], under: Sequence[float]) -> float:
    """Of the ratios of at least one pair of numbers, none below 0.

    NaN where one ratio is infinite and another is 0, or where one may be anything.

    >>> round(geometric_mean([1.0, 8.0], [1.0, 2.0]), 12)
    2.0
    """
    logs = log_ratios(known(over), known(under))
    if {inf, -inf} <= {end for each in logs for end in (each.low, each.high)}:
        return nan
    return _exp(fsum(each.low for each in logs) / len(logs))


def ratio_interval(over: Sequence[float], under: Sequence[float]) -> Interval[float] | None:
    """The ratio of pairs of numbers, none below 0, one pair a seed, and its interval.

    From six pairs on it is the signed-rank interval of the logarithms. With fewer that could not cover 95 %: there it
    is Student's about the geometric mean, which assumes that logarithms are normal. Of lopsided and bimodal outcomes
    it covers far less than it says (docs/science/statistics.md). Where a ratio is infinite or 0 there is no Student's,
    and it is the signed-rank interval again, with the coverage that it has. One pair has none.

    >>> found = ratio_interval([300, 900, 500], [100, 100, 100])
    >>> round(found.low, 2), round(found.centre, 2), round(found.high, 2), found.assumes
    (1.31, 5.13, 20.1, 'normal')
    """
    logs = [each.low for each in log_ratios(known(over), known(under))]
    if len(logs) < SIGNED_RANKS and all(map(isfinite, logs)):
        return _students(logs)
    found = bounded_ratio_interval(known(over), known(under))
    return None if found is None else single(found)


def bounded_ratio_interval(over: Sequence[Bounds], under: Sequence[Bounds]) -> Interval[Bounds] | None:
    """The same of numbers of which bounds are known, as steps to a target are: by signed ranks, however few there are.

    None of fewer than two pairs.

    >>> found = bounded_ratio_interval([Bounds(900, 1000), Bounds(2000, inf)], [Bounds(90, 100), Bounds(100, 200)])
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


def _students(logs: Sequence[float]) -> Interval[float] | None:
    found = students_interval(logs)
    if found is None:
        return None
    return Interval(_exp(found.low), _exp(found.high), _exp(found.centre), found.coverage, found.n, found.assumes)


def _difference(over: float, under: float, unknown: float) -> float:
    difference = _log(over) - _log(under)
    return unknown if isnan(difference) else difference


def _log(x: float) -> float:
    return log(x) if x else -inf


def _exps(logs: Bounds) -> Bounds:
    return Bounds(_exp(logs.low), _exp(logs.high))


def _exp(x: float) -> float:
    return exp(x) if x <= LARGEST else inf
