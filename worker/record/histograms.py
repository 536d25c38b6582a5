"""Histograms whose range grows with the run: 64 bins, and each doubling joins two bins of the old range into one."""

from dataclasses import dataclass
from math import floor, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 64
_LEAST_WIDTH = 2.0**-30  # of a range; a constant lies in one this wide


@dataclass(frozen=True)
class Range:
    """From lo to hi = lo + width; the width is a power of two and lo a multiple of a bin's width."""

    lo: float
    width: float

    @property
    def hi(self) -> float:
        """The upper end, which belongs to the range."""
        return self.lo + self.width


Ranges = dict[str, Range]  # by tap


def next_range(last: Range | None, low: float, high: float) -> Range:
    """The range that holds low..high: the last one, doubled towards what does not fit.

    low, high: the least and largest finite value of this row. A function of the last range and this row alone.

    >>> next_range(None, -1.0, 2.5), next_range(Range(-1.0, 4.0), -0.5, 9.0)
    (Range(lo=-1.0, width=4.0), Range(lo=-1.0, width=16.0))
    """
    span = last or _first_range(low, high)
    while low < span.lo:
        span = Range(span.lo - span.width, 2 * span.width)
    while high > span.hi:
        span = Range(span.lo, 2 * span.width)
    return span


def count(ordered: NDArray[Any], span: Range) -> NDArray[np.uint32]:
    """How many finite values of a sorted row fall into each of the 64 bins; a bin has its lower edge, the last both."""
    edges = np.linspace(span.lo, span.hi, BINS + 1)
    places = np.searchsorted(ordered, edges, side="left")
    places[-1] = np.searchsorted(ordered, span.hi, side="right")
    return np.diff(places).astype(np.uint32)


def _first_range(low: float, high: float) -> Range:
    # Never finer than float32 around these values, so that lo + width stays distinct from lo.
    least = max(high - low, max(abs(low), abs(high)) * 2.0**-16, _LEAST_WIDTH)
    width = 2.0 ** _ceil_log2(least)
    while True:
        lo = floor(low / (width / BINS)) * (width / BINS)
        if lo + width >= high:
            return Range(lo, width)
        width *= 2


def _ceil_log2(value: float) -> int:
    return -floor(-log2(value))
