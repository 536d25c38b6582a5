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
    """lo <= value <= hi; hi - lo is a power of two and lo a multiple of a bin's width."""

    lo: float
    hi: float


def next_range(last: Range | None, low: float, high: float) -> Range:
    """The range that holds low..high: the last one, doubled towards what does not fit.

    low, high: the least and largest finite value of this row. A function of the last range and this row alone.

    >>> next_range(None, -1.0, 2.5), next_range(Range(-1.0, 3.0), -0.5, 9.0)
    (Range(lo=-1.0, hi=3.0), Range(lo=-1.0, hi=15.0))
    """
    if last is None:
        last = _first_range(low, high)
    lo, hi = last.lo, last.hi
    while low < lo:
        lo -= hi - lo
    while high > hi:
        hi += hi - lo
    return Range(lo, hi)


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
            return Range(lo, lo + width)
        width *= 2


def _ceil_log2(value: float) -> int:
    return -floor(-log2(value))
