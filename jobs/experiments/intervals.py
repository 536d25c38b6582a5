"""Means over seeds with their 95 % intervals, and ratios with theirs: pure functions of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
RATIOS = 20_000  # that a process remembers: as many as one experiment of 1,000 jobs with 20 targets has

# Student's t at 0.975, by degrees of freedom from 1 to 30.
T_975 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


Z_975 = NormalDist().inv_cdf(0.975)
# By rising powers of one over the degrees of freedom (Abramowitz and Stegun 1964, 26.7.5).
BEYOND = (
    (Z_975**3 + Z_975) / 4,
    (5 * Z_975**5 + 16 * Z_975**3 + 3 * Z_975) / 96,
    (3 * Z_975**7 + 19 * Z_975**5 + 17 * Z_975**3 - 15 * Z_975) / 384,
    (79 * Z_975**9 + 776 * Z_975**7 + 1482 * Z_975**5 - 1920 * Z_975**3 - 945 * Z_975) / 92160,
)


@dataclass(frozen=True)
class Estimate:
    """A mean over n seeds with its 95 % interval, which one seed alone does not have.

    Where a value is not finite there is no mean either.
    """

    mean: float | None
    low: float | None
    high: float | None
    n: int


def t_975(df: int) -> float:
    """Student's t at 0.975 for `df` degrees of freedom: to 3 decimals up to 30, beyond them to 6.

    >>> [round(t_975(df), 3) for df in (1, 30, 31, 1000)]
    [12.706, 2.042, 2.04, 1.962]
    """
    if df <= len(T_975):
        return T_975[df - 1]
    return Z_975 + sum(term / float(df) ** power for power, term in enumerate(BEYOND, 1))


def estimate(values: Sequence[float]) -> Estimate | None:
    """The mean with Student's interval, mean +- t * sd / sqrt(n); None of no values.

    >>> found = estimate([1.0, 2.0, 3.0])
    >>> found.mean, round(found.low, 3), round(found.high, 3)
    (2.0, -0.484, 4.484)
    """
    if not values:
        return None
    x = np.asarray(values, dtype=np.float64)
    n = len(x)
    if not np.isfinite(x).all():
        return Estimate(None, None, None, n)
    mean = float(x.mean())
    if n == 1:
        return Estimate(mean, None, None, 1)
    half = t_975(n - 1) * float(x.std(ddof=1)) / n**0.5
    return Estimate(mean, mean - half, mean + half, n)


def estimates(x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """The same of each column's finite values at once, x: [seeds, m]. NaN where there is none.

    Returns the mean [m], half the interval's width [m], and n [m].
    """
    finite = np.isfinite(x)
    n = finite.sum(0)
    quantiles = np.array([np.nan, np.nan, *map(t_975, range(1, len(x)))])[n]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(finite, x, 0).sum(0) / n
        variance = (np.where(finite, x - mean, 0) ** 2).sum(0) / (n - 1)
        return mean, quantiles * np.sqrt(variance / n), n


def ratio(over: Sequence[float], under: Sequence[float]) -> Estimate | None:
    """mean(over) / mean(under) of values that belong together seed by seed, with a bootstrap interval over the seeds.

    The interval is from the 2.5th to the 97.5th percentile of 10,000 resamples, drawn from a fixed seed. None of no
    values, and where one of `under` is 0: there is no ratio to what took nothing.
    """
    if not over or not all(under):
        return None
    return _ratio(tuple(over), tuple(under))


@lru_cache(maxsize=RATIOS)
def _ratio(over: tuple[float, ...], under: tuple[float, ...]) -> Estimate:
    x, y = np.asarray(over, dtype=np.float64), np.asarray(under, dtype=np.float64)
    found, n = float(x.mean() / y.mean()), len(x)
    if n == 1:
        return Estimate(found, None, None, 1)
    times = _resamples(n)
    low, high = np.percentile((times @ x) / (times @ y), [2.5, 97.5])
    return Estimate(found, float(low), float(high), n)


@lru_cache(maxsize=8)  # the experiments that are looked at have few numbers of seeds
def _resamples(n: int) -> NDArray[np.float64]:
    """How often each of n values is in each resample: [RESAMPLES, n]."""
    picked = np.random.Generator(np.random.Philox(0)).integers(0, n, (RESAMPLES, n))
    places = np.arange(RESAMPLES)[:, None] * n + picked
    return np.bincount(places.ravel(), minlength=RESAMPLES * n).reshape(RESAMPLES, n).astype(np.float64)
