"""Where some seeds learn and some do not: the share that does, and whether two variants differ in who does."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb

from jobs.experiments.statistics.interval import Z_975, Interval


@dataclass(frozen=True)
class Discordant:
    """Of paired outcomes those that differ, and the exact p of so uneven a split or a more uneven one."""

    only_first: int
    only_second: int
    p: float


def wilson_interval(k: int, n: int) -> Interval[float]:
    """The share of which k of n (at least 1) is a sample, with Wilson's 95 % interval, inside [0, 1]. Wilson 1927.

    `coverage` is exact on average over all true shares. For single ones it is more or less, the least near 0 and 1: for
    eight seeds 83 % (docs/science/statistics.md). The examples are Newcombe's (1998, table I, method 3).

    >>> found = wilson_interval(81, 263)
    >>> round(found.low, 4), round(found.centre, 4), round(found.high, 4)
    (0.2553, 0.308, 0.3662)
    >>> found = wilson_interval(0, 20)
    >>> found.low, round(found.high, 4)
    (0.0, 0.1611)
    """
    return Interval(*_ends(k, n), k / n, _mean_coverage(n), n, "uniform")


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> Discordant:
    """Whether two variants differ in which seeds learn: the exact test of paired outcomes, two-sided.

    Seeds at which both learned, or neither did, say nothing; if the variants were alike, the others would fall to
    either side as coins do. McNemar 1947, exact as by Cochran 1950.

    >>> mcnemar([True] * 7 + [False], [False] * 6 + [True, False])
    Discordant(only_first=6, only_second=0, p=0.03125)
    """
    only_first = sum(one and not other for one, other in zip(first, second, strict=True))
    only_second = sum(other and not one for one, other in zip(first, second, strict=True))
    differ = only_first + only_second
    as_uneven = sum(comb(differ, i) for i in range(min(only_first, only_second) + 1))
    return Discordant(only_first, only_second, min(1.0, 2 * as_uneven / 2**differ))


def _ends(k: int, n: int) -> tuple[float, float]:
    z2 = Z_975**2
    middle = (k + z2 / 2) / (n + z2)
    half = Z_975 * (k * (n - k) / n + z2 / 4) ** 0.5 / (n + z2)
    return middle - half, (1.0 if k == n else middle + half)  # rounding could pass 1, and does not pass 0


@lru_cache(maxsize=64)
def _mean_coverage(n: int) -> float:
    """Over all true shares alike: for each k the integral of its probability over the shares in its interval.

    That integral from 0 to x is P(Bin(n + 1, x) > k) / (n + 1), by n integrations by parts.
    """
    ends = [_ends(k, n) for k in range(n + 1)]
    held = sum(_above(k, n + 1, high) - _above(k, n + 1, low) for k, (low, high) in enumerate(ends))
    return held / (n + 1)


def _above(k: int, n: int, p: float) -> float:
    """P(Bin(n, p) > k)."""
    return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1, n + 1))
