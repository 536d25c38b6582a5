"""When a training arrives at a target, as far as its evaluations tell, and what that is for the median seed.

Steps are bounds: from the last evaluation that is below the target to the first from which on none is. So neither the
grid of evaluations nor a training that never arrives can bias what is said of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import comb, inf
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.experiments.statistics.interval import LEVEL, Bounds, Interval

NEVER = Bounds(inf, inf)
"""The steps of a training that diverged: what it had reached before, it has lost for good."""


def steps_to(step: NDArray[np.int64], accuracy: NDArray[np.floating[Any]], target: float) -> Bounds:
    """Between which steps a curve arrives at a target and stays there: the last one below, the first one from there on.

    step, accuracy: [n], by rising steps. NaN is below every target. Where the last evaluation is below, it has not
    arrived within its budget: Bounds(last step, inf). Where none is, it was there before the first: Bounds(0, first).

    >>> step = np.array([0, 100, 200, 300, 400])
    >>> steps_to(step, np.array([0.1, 0.7, 0.82, 0.79, 0.85]), 0.8)
    Bounds(low=300.0, high=400.0)
    >>> steps_to(step, np.array([0.1, 0.7, 0.82, 0.79, 0.85]), 0.9)
    Bounds(low=400.0, high=inf)
    """
    below = np.flatnonzero(~(accuracy >= target))
    first = int(below[-1]) + 1 if len(below) else 0
    return Bounds(float(step[first - 1]) if first else 0.0, float(step[first]) if first < len(step) else inf)


def median_interval(steps: Sequence[Bounds]) -> Interval[Bounds] | None:
    """The median over the seeds with its exact interval, of one number or its bounds a seed.

    It goes from the k-th least of the low bounds to the k-th greatest of the high ones: as many seeds lie below the
    median as coins fall heads, whatever the distribution, so that it covers 1 - 2 P(Bin(n, 1/2) < k). k is the one with
    which that is nearest to 95 %: with eight seeds 93.0 % (k = 2), where k = 1 would be all of their range and 99.2 %.
    With bounds in place of numbers, however wide, it covers at least what it says; with equal numbers too. It is
    infinite where too many seeds never arrived.

    From two to five seeds it is their whole range, which covers 50, 75, 87.5 and 93.75 %. One seed has none: nothing
    says how much seeds vary. Thompson 1936 (the interval).

    >>> found = median_interval([Bounds(100 * i, 100 * i + 100) for i in range(7)] + [Bounds(1000, inf)])
    >>> found.centre, found.low, found.high, found.coverage
    (Bounds(low=350.0, high=450.0), 100, 700, 0.9296875)
    """
    n = len(steps)
    if n < 2:
        return None
    k, coverage = _ends(n)
    lows, highs = sorted(each.low for each in steps), sorted(each.high for each in steps)
    return Interval(lows[k - 1], highs[-k], Bounds(median(lows), median(highs)), coverage, n, None)


def area_above(step: NDArray[np.int64], accuracy: NDArray[np.floating[Any]], budget: int, chance: float) -> float:
    """The mean of 1 - accuracy over the steps from the first evaluation up to the budget: small where learning is fast.

    Between evaluations a curve is a straight line, so that their grid matters little, and no training is left out: one
    whose evaluations end before the budget diverged, and is at `chance` from there on. step, accuracy: [n], by rising
    steps.

    >>> area_above(np.array([0, 100]), np.array([0.0, 1.0]), budget=100, chance=0.1)
    0.5
    >>> area_above(np.array([0, 100]), np.array([0.5, 0.5]), budget=200, chance=0.1)
    0.7
    """
    if not len(step):
        return 1 - chance
    error = 1 - accuracy.astype(np.float64)
    if step[0] == budget:
        return float(error[-1])
    measured = float(np.trapezoid(error, step))
    lost = (1 - chance) * (budget - int(step[-1]))
    return (measured + lost) / (budget - int(step[0]))


@lru_cache(maxsize=64)
def _ends(n: int) -> tuple[int, float]:
    """Which of n ordered values the interval goes from and, counted from the other end, to; and what it covers."""
    heads = np.array([comb(n, k) / 2**n for k in range(n // 2)])
    covered = 1 - 2 * np.cumsum(heads)
    nearest = int(np.argmin(np.abs(covered - LEVEL)))
    return nearest + 1, float(covered[nearest])
