"""What an interval over seeds says of itself, and where its ends stand among ordered values."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from statistics import NormalDist
from typing import Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95  # what an interval by which something is concluded covers at least
Z_975 = NormalDist().inv_cdf(0.975)

Assumes = Literal["symmetric", "normal", "uniform"]
Centre = TypeVar("Centre", covariant=True)


@dataclass(frozen=True)
class Bounds:
    """A number of which it is known that it is no less than `low` and no greater than `high`.

    One that is known is Bounds(x, x); one of which nothing is known, Bounds(-inf, inf).
    """

    low: float
    high: float


@dataclass(frozen=True)
class Interval(Generic[Centre]):
    """What n seeds say of a number: an estimate of it, and between which ends it lies.

    centre: a float; Bounds where the values are known by bounds only.
    coverage: how often such an interval holds the number, in the long run. Below six seeds it is less than 0.95.
    assumes: what the coverage takes for granted beside independent seeds. `symmetric`: values are as likely to be
    above as below the number, by any distance; `normal`: they are normally distributed; `uniform`: every true share is
    as likely as any other; None: nothing.
    """

    low: float
    high: float
    centre: Centre
    coverage: float
    n: int
    assumes: Assumes | None


def known(values: Sequence[float]) -> list[Bounds]:
    """The bounds of numbers that are known."""
    return [Bounds(each, each) for each in values]


def number_in(bounds: Bounds) -> float:
    """The number that is known, or NaN where its bounds differ."""
    return bounds.low if bounds.low == bounds.high else nan


def single(interval: Interval[Bounds]) -> Interval[float]:
    """The interval with a number for its centre: NaN where its bounds differ."""
    centre = number_in(interval.centre)
    return Interval(interval.low, interval.high, centre, interval.coverage, interval.n, interval.assumes)


def order_of_ends(probabilities: Sequence[float] | NDArray[np.float64]) -> tuple[int, float]:
    """The k by which an interval goes from the k-th least of its ordered values to the k-th greatest; its coverage.

    probabilities: that a statistic is 0, 1, 2, ..., the same read from either end. The interval misses at either end
    where the statistic is below k. k is the greatest with which that has a probability of at most 2.5 %, and 1 where
    there is none: then the coverage is less than 95 %.

    >>> order_of_ends([1 / 256, 8 / 256, 28 / 256, 56 / 256, 70 / 256, 56 / 256, 28 / 256, 8 / 256, 1 / 256])
    (1, 0.9921875)
    """
    below = np.cumsum(probabilities)
    k = max(1, int(np.searchsorted(below, (1 - LEVEL) / 2, side="right")))
    return k, float(1 - 2 * below[k - 1])
