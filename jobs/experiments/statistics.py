"""Means over seeds with their 95 % intervals, and ratios with theirs: pure functions of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000

# Student's t at 0.975, by degrees of freedom from 1 to 30.
T_975 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


@dataclass(frozen=True)
class Estimate:
    """A mean over n seeds with its 95 % interval, which one seed alone does not have."""

    mean: float
    low: float | None
    high: float | None
    n: int


def estimate(values: Sequence[float]) -> Estimate | None:
    """The mean with Student's interval, mean +- t * sd / sqrt(n); None of no values.

    >>> found = estimate([1.0, 2.0, 3.0])
    >>> found.mean, round(found.low, 3), round(found.high, 3)
    (2.0, -0.484, 4.484)
    """
    if not values:
        return None
    x = np.asarray(values, dtype=np.float64)
    mean, n = float(x.mean()), len(x)
    if n == 1:
        return Estimate(mean, None, None, 1)
    half = T_975[n - 2] * float(x.std(ddof=1)) / n**0.5
    return Estimate(mean, mean - half, mean + half, n)


def ratio(over: Sequence[float], under: Sequence[float]) -> Estimate | None:
    """mean(over) / mean(under) of values that belong together seed by seed, with a bootstrap interval over the seeds.

    The interval is from the 2.5th to the 97.5th percentile of 10,000 resamples, drawn from a fixed seed. None of no
    values, and where one of `under` is 0: there is no ratio to what took nothing.
    """
    if not over or not all(under):
        return None
    x, y = np.asarray(over, dtype=np.float64), np.asarray(under, dtype=np.float64)
    found, n = float(x.mean() / y.mean()), len(x)
    if n == 1:
        return Estimate(found, None, None, 1)
    picked = np.random.Generator(np.random.Philox(0)).integers(0, n, (RESAMPLES, n))
    low, high = np.percentile(x[picked].mean(1) / y[picked].mean(1), [2.5, 97.5])
    return Estimate(found, float(low), float(high), n)
