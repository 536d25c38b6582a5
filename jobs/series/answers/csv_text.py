"""A table as CSV: the same numbers as in the answers.

A value that is not finite is spelled out (NaN, Infinity, -Infinity); a bucket without a finite value has an empty
least, greatest and mean.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from jobs.lifecycle.job import Job
from jobs.series.answers.names import evaluated_by
from jobs.series.format.columns import EVALUATED
from jobs.series.read.nonfinite import words
from jobs.series.read.selection import Table

PIECE_VALUES = 20_000  # in a piece of text: some 200 kB


def encode(job: Job, name: str, tables: Iterator[Table]) -> Iterator[bytes]:
    """The header, then the rows, a piece of text at a time. Columns are called by their dotted path."""
    for page, table in enumerate(tables):
        columns = list(_columns(job, name, table))
        if page == 0:
            yield (",".join(name for name, _, _ in columns) + "\n").encode()
        rows = max(1, PIECE_VALUES // len(columns))
        for i in range(0, len(table.step), rows):
            here = slice(i, i + rows)
            cells = (_cells(values[here], spelled=spelled) for _, values, spelled in columns)
            yield ("\n".join(map(",".join, zip(*cells, strict=True))) + "\n").encode()


def _columns(job: Job, name: str, table: Table) -> Iterator[tuple[str, NDArray[Any], bool]]:
    """Each column's name and values, and whether those are spelled out that are not finite."""
    yield "step", table.step, False
    yield "time", table.time, False
    for series, parts in table.columns.items():
        for suffix, values in parts.items():
            if values.ndim == 2:
                yield from ((f"{series}.{i}", values[:, i], False) for i in range(values.shape[1]))
            else:
                yield f"{series}{suffix}", values, not suffix
    if name in EVALUATED and (used := evaluated_by(job, table.step)) is not None:
        yield "statistics", np.array(used, np.str_), False


def _cells(values: NDArray[Any], *, spelled: bool) -> list[str]:
    if values.dtype.kind == "U":
        return list(map(str, values))
    text = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY).decode()[1:-1]
    cells = text.split(",")
    if "null" not in text:
        return cells
    instead = words(values) if spelled else [""] * len(cells)
    return [word if cell == "null" else cell for word, cell in zip(instead, cells, strict=True)]
