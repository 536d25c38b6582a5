"""A table as CSV: the same numbers as in the answers.

A value that is not finite is spelled out (NaN, Infinity, -Infinity); a bucket without a finite value has an empty
least, greatest and mean.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from jobs.job import Job
from jobs.series.names import evaluated_by
from jobs.series.schema import TEST
from jobs.series.selection import Table

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
            cells = (_cells(values[here], table.step[here], spelled) for _, values, spelled in columns)
            yield ("\n".join(map(",".join, zip(*cells, strict=True))) + "\n").encode()


def _columns(job: Job, name: str, table: Table) -> Iterator[tuple[str, NDArray[Any], dict[int, str]]]:
    """Each column's name and values, and by step the words for those that no number can be."""
    yield "step", table.step, {}
    yield "time", table.time, {}
    for series, parts in table.columns.items():
        for suffix, values in parts.items():
            if values.ndim == 2:
                yield from ((f"{series}.{i}", values[:, i], {}) for i in range(values.shape[1]))
            else:
                yield f"{series}{suffix}", values, {} if suffix else dict(table.nonfinite.get(series, ()))
    if name == TEST and (used := evaluated_by(job, table.step)) is not None:
        yield "statistics", np.full(len(used), np.nan), dict(zip(table.step.tolist(), used, strict=True))


def _cells(values: NDArray[Any], step: NDArray[np.int64], spelled: dict[int, str]) -> list[str]:
    text = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY).decode()[1:-1]
    cells = text.split(",")
    if "null" in text:
        return [spelled.get(at, "") if cell == "null" else cell for at, cell in zip(step.tolist(), cells, strict=True)]
    return cells
