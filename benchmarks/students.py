"""Student's interval of a mean, to measure others by: it takes numbers to be normally distributed."""

from collections.abc import Sequence
from statistics import fmean, stdev

from jobs.experiments.statistics.interval import LEVEL, Z_975, Interval

# Student's t at 0.975, by degrees of freedom from 1 to 30.
T_975 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
# By rising powers of one over the degrees of freedom (Abramowitz and Stegun 1964, 26.7.5).
BEYOND = (
    (Z_975**3 + Z_975) / 4,
    (5 * Z_975**5 + 16 * Z_975**3 + 3 * Z_975) / 96,
    (3 * Z_975**7 + 19 * Z_975**5 + 17 * Z_975**3 - 15 * Z_975) / 384,
    (79 * Z_975**9 + 776 * Z_975**7 + 1482 * Z_975**5 - 1920 * Z_975**3 - 945 * Z_975) / 92160,
)


def t_975(df: int) -> float:
    """Student's t at 0.975 for `df` degrees of freedom: to 3 decimals up to 30, beyond them to 6.

    >>> [round(t_975(df), 3) for df in (1, 30, 31, 1000)]
    [12.706, 2.042, 2.04, 1.962]
    """
    if df <= len(T_975):
        return T_975[df - 1]
    return Z_975 + sum(term / float(df) ** power for power, term in enumerate(BEYOND, 1))


def students_interval(values: Sequence[float]) -> Interval[float] | None:
    """The mean of finite values with Student's interval, mean +- t * sd / sqrt(n); None of fewer than two.

    >>> found = students_interval([1.0, 2.0, 3.0])
    >>> found.centre, round(found.low, 3), round(found.high, 3)
    (2.0, -0.484, 4.484)
    """
    n = len(values)
    if n < 2:
        return None
    mean, half = fmean(values), t_975(n - 1) * stdev(values) / n**0.5
    return Interval(mean - half, mean + half, mean, LEVEL, n, "normal")
