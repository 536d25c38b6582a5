"""How far two variants are apart over paired seeds: the interval of the signed-rank test, and its centre.

Differences with infinite values are allowed: one of two trainings that never arrived is infinitely far off. So are
differences of which bounds are known alone.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import inf, isfinite, isnan
from statistics import median

import numpy as np
from numpy.typing import NDArray

from jobs.experiments.statistics.interval import Bounds, Interval, known, order_of_ends, single


def signed_rank_interval(differences: Sequence[float]) -> Interval[float] | None:
    """The Hodges-Lehmann estimate and the exact interval of the signed-rank test, of one difference a seed.

    The estimate is the median of the n(n+1)/2 Walsh averages: of each two differences, and of each with itself. The
    interval goes from the k-th least of them to the k-th greatest, so that neither leaves the range of the differences.
    For differences that are symmetric about their centre, `coverage` is exact where they are continuous; where some are
    equal, or equal to the centre, it is at least that: shifted by a little noise, no average changes its side but those
    that lie on the centre, which the interval includes. Where differences are lopsided, the interval is about the
    median of such averages, the pseudomedian, and its coverage is no longer exact.

    From two to five differences it is their whole range, which covers 50, 75, 87.5 and 93.75 %. One difference has
    none: nothing says how much seeds vary. The centre is NaN where the average of infinity and its negative decides.

    Wilcoxon 1945 (the test); Tukey 1949 and Hodges and Lehmann 1963 (averages and estimate); Hollander and Wolfe 1999,
    3.3, whose example of nine patients this is:

    >>> before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    >>> after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    >>> found = signed_rank_interval([late - early for early, late in zip(before, after)])
    >>> round(found.low, 3), round(found.centre, 3), round(found.high, 3), round(found.coverage, 3)
    (-0.786, -0.46, -0.01, 0.961)
    """
    found = bounded_signed_rank_interval(known(differences))
    return None if found is None else single(found)


def bounded_signed_rank_interval(differences: Sequence[Bounds]) -> Interval[Bounds] | None:
    """The same of differences that are known by bounds only: steps between evaluations, trainings that never arrived.

    The low end is that of the low bounds, the high end that of the high ones. No average is below the one of its low
    bounds, so the interval covers at least what it says, however wide the bounds are.

    >>> bounded_signed_rank_interval([Bounds(1, 2), Bounds(3, inf)])
    Interval(low=1.0, high=inf, centre=Bounds(low=2.0, high=inf), coverage=0.5, n=2, assumes='symmetric')
    """
    return _interval(tuple(differences)) if len(differences) > 1 else None


def walsh_averages(values: Sequence[float], unknown: float) -> list[float]:
    """The averages of each two values and of each with itself, in rising order.

    unknown: what stands for the average of infinity and its negative.

    >>> walsh_averages([1.0, 3.0, inf], unknown=-inf)
    [1.0, 2.0, 3.0, inf, inf, inf]
    """
    halves = np.asarray(values, np.float64) / 2
    one, other = _pairs(len(values))
    with np.errstate(invalid="ignore"):
        averages = halves[one] + halves[other]
    averages[np.isnan(averages)] = unknown
    found: list[float] = np.sort(averages).tolist()
    return found


def rank_sum_probabilities(n: int) -> NDArray[np.float64]:
    """How probable it is that the ranks 1 to n add up to 0, 1, 2, ... where a coin says which of them count.

    This is the exact null distribution of Wilcoxon's signed-rank statistic, [n(n+1)/2 + 1].

    >>> (rank_sum_probabilities(3) * 8).tolist()
    [1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0]
    """
    found = np.ones(1)
    for rank in range(1, n + 1):
        none = np.zeros(rank)
        found = (np.concatenate((found, none)) + np.concatenate((none, found))) / 2
    return found


def _or(unknown: float, average: float) -> float:
    """The average, or what stands for that of infinity and its negative."""
    return unknown if isnan(average) else average


@lru_cache(maxsize=64)
def _pairs(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return np.triu_indices(n)


@lru_cache(maxsize=64)
def _ends(n: int) -> tuple[int, float]:
    return order_of_ends(rank_sum_probabilities(n))


@lru_cache(maxsize=4000)  # an answer about an experiment has many, of which few change from one answer to the next
def _interval(differences: tuple[Bounds, ...]) -> Interval[Bounds]:
    n = len(differences)
    k, coverage = _ends(n)
    low, high = [each.low for each in differences], [each.high for each in differences]
    lows = walsh_averages(low, unknown=-inf)
    highs = lows if low == high and all(map(isfinite, low)) else walsh_averages(high, unknown=inf)
    centre = Bounds(_or(-inf, median(lows)), _or(inf, median(highs)))
    return Interval(lows[k - 1], highs[-k], centre, coverage, n, "symmetric")
