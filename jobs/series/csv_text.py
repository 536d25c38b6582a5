"""The series as CSV, a piece of text at a time, however long it is: the same numbers as in the answers, one table each.

A value that is not finite is spelled out (NaN, Infinity, -Infinity); a bucket without a finite value has an empty
least, greatest and mean.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from jobs.database import Database
from jobs.job import Job
from jobs.objects import Objects
from jobs.series.names import (
    METRICS,
    activation_names,
    asked_diagnostics,
    check_names,
    diagnostic_names,
    evaluated_by,
    metric_names,
)
from jobs.series.reader import Series, stream_from
from jobs.series.schema import ACTIVATIONS, HISTOGRAMS, TEST, TRAIN, UNITS
from jobs.series.selection import Names, Query, Table, pages, query_of

PIECE_VALUES = 20_000  # in a piece of text: some 200 kB


def metrics_csv(
    database: Database,
    objects: Objects,
    job: Job,
    *,
    table: str = TRAIN,
    start: int | None = None,
    stop: int | None = None,
    after: int | None = None,
    points: int | None = None,
) -> Iterator[str]:
    """The table `train` or `test`, with the header first; every row, without pages, unless `points` thins them.

    Whatever can be wrong with the request or the first rows is raised before the iterator is returned:
    InvalidQuery, NotFound, DamagedObject. Damage further on is raised where it is met.
    """
    check_names("table", [table], METRICS)
    query = query_of(start, stop, after, points)

    def begin(series: Series) -> Iterator[str]:
        return _begin(series, metric_names(series.manifest), table, query, job)

    return stream_from(database, objects, job.id, begin)


def activations_csv(
    database: Database,
    objects: Objects,
    job: Job,
    *,
    table: str = ACTIVATIONS,
    layers: Sequence[str] = (),
    statistics: Sequence[str] = (),
    start: int | None = None,
    stop: int | None = None,
    after: int | None = None,
    points: int | None = None,
) -> Iterator[str]:
    """The table `activations`, `units` or `histograms`, as `metrics_csv` has its tables.

    Columns are called by their dotted path: `hidden1.mean`, `hidden3.50.p15`, `hidden1.counts.0` to `.63`. As in the
    JSON there is no `time`: the table `train` has it for each step.
    """
    check_names("table", [table], (ACTIVATIONS, UNITS, HISTOGRAMS))
    query = query_of(start, stop, after, points)

    def begin(series: Series) -> Iterator[str]:
        names = activation_names(series.manifest, layers, statistics, dict.fromkeys((ACTIVATIONS, table)))
        return _begin(series, names, table, query, job)

    return stream_from(database, objects, job.id, begin)


def diagnostics_csv(
    database: Database,
    objects: Objects,
    job: Job,
    *,
    table: str,
    layers: Sequence[str] = (),
    start: int | None = None,
    stop: int | None = None,
    after: int | None = None,
    points: int | None = None,
) -> Iterator[str]:
    """One of the job's diagnostics, as `metrics_csv` has its tables; columns are called `hidden1.shift`."""
    asked_diagnostics(job, [table])
    query = query_of(start, stop, after, points)

    def begin(series: Series) -> Iterator[str]:
        return _begin(series, diagnostic_names(series.manifest, [table], layers), table, query, job)

    return stream_from(database, objects, job.id, begin)


def _begin(series: Series, names: Names, table: str, query: Query, job: Job) -> Iterator[str]:
    # Of the other table only the steps: they have a say in the width of the buckets, here as in the JSON.
    found = pages(series, {name: columns if name == table else () for name, columns in names.items()}, query)
    first = next(found)
    return _text(job, table, (page.tables[table] for page in chain([first], found)))


def _text(job: Job, name: str, tables: Iterator[Table]) -> Iterator[str]:
    for page, table in enumerate(tables):
        columns = list(_columns(job, name, table))
        if page == 0:
            yield ",".join(name for name, _, _ in columns) + "\n"
        rows = max(1, PIECE_VALUES // len(columns))
        for i in range(0, len(table.step), rows):
            here = slice(i, i + rows)
            cells = (_cells(values[here], table.step[here], spelled) for _, values, spelled in columns)
            yield "\n".join(map(",".join, zip(*cells, strict=True))) + "\n"


def _columns(job: Job, name: str, table: Table) -> Iterator[tuple[str, NDArray[Any], dict[int, str]]]:
    """Each column's name and values, and by step the words for those that no number can be."""
    yield "step", table.step, {}
    if name in METRICS:
        yield "time", table.time, {}
    for series, parts in table.columns.items():
        for suffix, values in parts.items():
            if values.ndim == 2:
                yield from ((f"{series}.{i}", values[:, i], {}) for i in range(values.shape[1]))
            else:
                yield f"{series}{suffix}", values, {} if suffix else dict(table.nonfinite.get(series, ()))
    if name == TEST and (used := evaluated_by(job, table.step)):
        yield "statistics", np.full(len(used), np.nan), dict(zip(table.step.tolist(), used, strict=True))


def _cells(values: NDArray[Any], step: NDArray[np.int64], spelled: dict[int, str]) -> list[str]:
    text = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY).decode()[1:-1]
    cells = text.split(",")
    if "null" in text:
        return [spelled.get(at, "") if cell == "null" else cell for at, cell in zip(step.tolist(), cells, strict=True)]
    return cells
