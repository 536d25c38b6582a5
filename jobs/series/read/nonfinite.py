"""Where a series is not finite, which no number in JSON can say: runs of rows, in the order of their steps.

A run is [first step, last step, value]: every row from the one step to the other has that value, which is NaN, Infinity
or -Infinity. Of several runs joined to one the counts stand in place of the value, as in [12, 90, {"NaN": 27}]: so many
rows from the one step to the other have it, and the others are finite.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.series.format.schema import Column
from jobs.series.read.buckets import Steps, bucket_ends, bucket_starts, bucket_width

WORDS = np.array(["", "NaN", "Infinity", "-Infinity"])
MOST_RUNS = 1000  # of a series in an answer that is thinned

NonfiniteRun = list[Any]


def words(values: Column) -> list[str]:
    """What each value is called that is not finite; nothing for the others."""
    found: list[str] = WORDS[_kinds(values)].tolist()
    return found


def runs(step: Steps, values: Column, most: int | None = None) -> list[NonfiniteRun]:
    """The runs of a series; where there are more than `most`, those that begin in one bucket are joined.

    most: at least 2. Buckets are those of `jobs.series.read.buckets`, as narrow as they can be.

    >>> values = np.array([np.nan, np.nan, 1.0, np.inf, 1.0, np.nan], np.float32)
    >>> runs(np.arange(6), values)
    [[0, 1, 'NaN'], [3, 3, 'Infinity'], [5, 5, 'NaN']]
    >>> runs(np.arange(6), values, most=2)
    [[0, 1, 'NaN'], [3, 5, {'NaN': 1, 'Infinity': 1}]]
    """
    if np.isfinite(values).all():
        return []
    kinds = _kinds(values)
    starts = np.concatenate([[0], np.flatnonzero(kinds[1:] != kinds[:-1]) + 1])
    ends = bucket_ends(starts, len(values))
    here = kinds[starts] > 0
    starts, ends = starts[here], ends[here]
    first, last, kind = step[starts], step[ends], kinds[starts]
    groups = bucket_starts(first, 1 if most is None else bucket_width([first], most))
    if len(groups) == len(first):
        return [list(run) for run in zip(first.tolist(), last.tolist(), WORDS[kind].tolist(), strict=True)]
    rows = ends - starts + 1
    counts = np.stack([np.add.reduceat(np.where(kind == each, rows, 0), groups) for each in range(1, len(WORDS))])
    group_ends = bucket_ends(groups, len(first))
    spans = zip(first[groups].tolist(), last[group_ends].tolist(), strict=True)
    alone = (groups == group_ends).tolist()
    return [
        [*span, WORDS[kind[groups[i]]].item() if alone[i] else _counted(counts[:, i])] for i, span in enumerate(spans)
    ]


def _counted(counts: NDArray[np.intp]) -> dict[str, int]:
    return {word: number for word, number in zip(WORDS[1:].tolist(), counts.tolist(), strict=True) if number}


def _kinds(values: Column) -> NDArray[np.int8]:
    """The place of each value in WORDS."""
    return np.isnan(values) * np.int8(1) + np.isposinf(values) * np.int8(2) + np.isneginf(values) * np.int8(3)
