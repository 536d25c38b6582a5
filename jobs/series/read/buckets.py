"""Thins a series for drawing without hiding a spike: pure numpy over one table's columns, by increasing step.

A bucket holds the steps from k * width to (k + 1) * width - 1, for a width that is a power of two: so buckets do not
move while a run grows, and those of a narrower width lie within those of a wider one. The first row of the range that
is thinned is a bucket of its own, and is left out of the one that it would fall into.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.series.format.schema import Column

LAST, LEAST, GREATEST, MEAN = PARTS = ("", ".min", ".max", ".mean")  # what a series becomes: how its name goes on

Steps = NDArray[np.int64]


def bucket_width(tables: Sequence[Steps], points: int) -> int:
    """The least width at which no table has more than `points` buckets: 1, every row by itself, if it has no more rows.

    points: at least 2, since the first row is always by itself. Above 1, the table with the most buckets has at least
    points / 2 + 1 of them: halving the width would have gone over. A part of a range never gets a wider bucket than
    the range, so zooming in never shows less.

    >>> bucket_width([np.arange(1, 50_001)], 1000), bucket_width([np.arange(1, 1001)], 1000)
    (64, 1)
    """
    assert points >= 2
    width = 1
    while any(_is_more(step[1:], width, points) for step in tables):
        width *= 2
    return width


def bucket_starts(step: Steps, width: int) -> NDArray[np.intp]:
    """The index of the first row of each bucket.

    >>> bucket_starts(np.arange(1, 12), 4)
    array([0, 1, 3, 7])
    """
    if not len(step):
        return np.empty(0, np.intp)
    if _has_every_step(step):
        first = int(step[0])
        changes = np.arange(((first + 1) // width + 1) * width, int(step[-1]) + 1, width) - first
    else:
        changes = np.flatnonzero(np.diff(step[1:] // width)) + 2
    return np.concatenate([np.arange(min(2, len(step))), changes])


def bucket_ends(starts: NDArray[np.intp], rows: int) -> NDArray[np.intp]:
    """The index of the last row of each bucket, where a bucket stands on the axis of steps."""
    return np.append(starts[1:], rows)[: len(starts)] - 1


def summaries(values: Column, starts: NDArray[np.intp], parts: Collection[str] = PARTS) -> dict[str, NDArray[Any]]:
    """Each bucket's last value, as it is, and its least, greatest and mean finite value: NaN where it has none.

    parts: which of them are worked out, in the order of PARTS, which are the keys. The mean is the float64 sum over
    the count.
    """
    last = {LAST: values[bucket_ends(starts, len(values))]} if LAST in parts else {}
    return last | (_of_finite(values, starts, parts) if set(parts) - {LAST} else {})


def _of_finite(values: Column, starts: NDArray[np.intp], parts: Collection[str]) -> dict[str, NDArray[Any]]:
    """Each bucket's least, greatest and mean finite value, those of them that are asked for."""
    finite = np.isfinite(values)
    if finite.all():
        lowest = highest = addend = values
        count = np.diff(starts, append=len(values))
    else:
        lowest, highest = np.where(finite, values, np.float32(np.inf)), np.where(finite, values, np.float32(-np.inf))
        addend = np.where(finite, values, np.float32(0))
        count = np.add.reduceat(finite, starts, dtype=np.intp)
    some = count > 0

    def mean() -> NDArray[np.float64]:
        total = np.add.reduceat(addend.astype(np.float64), starts)
        found: NDArray[np.float64] = np.divide(total, count, out=np.full(len(starts), np.nan), where=some)
        return found

    compute: dict[str, Callable[[], NDArray[Any]]] = {
        LEAST: lambda: np.where(some, np.minimum.reduceat(lowest, starts), np.float32(np.nan)),
        GREATEST: lambda: np.where(some, np.maximum.reduceat(highest, starts), np.float32(np.nan)),
        MEAN: mean,
    }
    return {part: of_part() for part, of_part in compute.items() if part in parts}


def added(
    lo: Column, hi: Column, counts: Column, bucket: NDArray[np.intp], least: Column, most: Column
) -> NDArray[np.uint64]:
    """The histograms of some rows, lo [m], hi [m] and counts [m, 64], added up by bucket: counts [n, 64].

    bucket: [m], which of n buckets each row falls into; least, most: [n], the range of each bucket's last row. A range
    only ever doubles, so that each bin of an earlier row lies in one of a later: nothing is split or lost, and only
    what lies within float32's rounding of an edge may come to stand beside it.
    """
    bins = counts.shape[1]
    width, target = _bin_width(lo, hi, bins), _bin_width(least, most, bins)
    centers = lo.astype(np.float64)[:, None] + (np.arange(bins) + 0.5) * width[:, None]
    place = np.floor((centers - least.astype(np.float64)[bucket, None]) / target[bucket, None])
    cell = bucket[:, None] * bins + place.clip(0, bins - 1).astype(np.intp)
    total = np.bincount(cell.ravel(), counts.ravel(), len(least) * bins)  # exact: float64 counts to 2^53
    return total.reshape(-1, bins).astype(np.uint64)


def _bin_width(lo: Column, hi: Column, bins: int) -> NDArray[np.float64]:
    return (hi.astype(np.float64) - lo) / bins


def _is_more(step: Steps, width: int, points: int) -> bool:
    """Whether there are as many buckets as points, or more, which leave none for the first row."""
    if len(step) < points:
        return False
    spanned = int(step[-1]) // width - int(step[0]) // width + 1
    if _has_every_step(step) or spanned < points:  # each bucket has a row, or there are too few anyway
        return spanned >= points
    return bool(np.count_nonzero(np.diff(step // width)) + 1 >= points)


def _has_every_step(step: Steps) -> bool:
    return int(step[-1]) - int(step[0]) + 1 == len(step)
