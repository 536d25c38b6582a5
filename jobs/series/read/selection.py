"""Selects what a request asks of a series: cuts the range first, then makes a page of it or thins it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.errors import InvalidQuery
from jobs.series.format.schema import BINS, COUNTS, HISTOGRAMS, Column, Rows, between
from jobs.series.read.buckets import Steps, added, bucket_ends, bucket_starts, bucket_width, summaries
from jobs.series.read.cuts import MOST_POINTS, Query
from jobs.series.read.nonfinite import MOST_RUNS, NonfiniteRun, runs
from jobs.series.read.reader import View

PAGE_ROWS = MOST_POINTS  # the most rows of a table in a page,
PAGE_VALUES = 4_000_000  # and the most values: some 40 MB of text
THINNED_VALUES = 8_000_000  # the most values in memory at once while a range is thinned
HISTOGRAMS_AT_ONCE = 16_384  # of a layer that are added up: some 40 MB

Names = Mapping[str, tuple[str, ...]]  # of the columns that are wanted, by table


@dataclass(frozen=True)
class Table:
    """A table's columns, ready to be shown: `columns["loss"]` has the values under "", and, thinned, ".min" and so on.

    step: int64 [n]; time: float64 [n]; values: [n] or, of histograms, [n, 64]. `nonfinite` has the
    runs of values in the range that are not finite, wherever thinning left them: see `jobs.series.read.nonfinite`.
    """

    step: NDArray[np.int64]
    time: NDArray[np.float64]
    columns: dict[str, dict[str, NDArray[Any]]]
    nonfinite: dict[str, list[NonfiniteRun]]


@dataclass(frozen=True)
class Selected:
    """The tables of an answer. `next` is the step that the next page starts from, None where this is the last."""

    tables: dict[str, Table]
    bucket_width: int | None  # None: every row, exact
    next: int | None

    @property
    def nonfinite(self) -> dict[str, list[NonfiniteRun]]:
        """The runs of values that are not finite, by table and series."""
        return {f"{name}.{series}": at for name, table in self.tables.items() for series, at in table.nonfinite.items()}


def select(view: View, wanted: Names, query: Query) -> Selected:
    """The wanted columns of the wanted tables: whole where they have no more rows than points.

    Raises DamagedObject, and InvalidQuery where so many points of so many series are too many for one answer.
    """
    if query.points is not None:
        axes = {table: view.columns(table, ("step",), query.start, query.stop, kept=False)["step"] for table in wanted}
        width = bucket_width(list(axes.values()), query.points)
        if width > 1:
            _check_size(wanted, query.points, len(query.parts))
            tables = {table: _thinned(view, table, wanted[table], query, axis, width) for table, axis in axes.items()}
            return Selected(tables, width, None)
    return _page(view, wanted, query)


def pages(view: View, wanted: Names, query: Query) -> Iterator[Selected]:
    """The same, one page after another until the last. Raises DamagedObject."""
    following: int | None = query.start
    while following is not None:
        page = select(view, wanted, replace(query, start=following))
        yield page
        following = page.next


def _page(view: View, wanted: Names, query: Query) -> Selected:
    start, stop = query.start, query.stop
    limits = {table: max(1, min(PAGE_ROWS, PAGE_VALUES // _width(names))) for table, names in wanted.items()}
    # One row more than a page has shows where the next one starts.
    found = {table: view.rows(table, names, start, stop, limits[table] + 1) for table, names in wanted.items()}
    over = [int(rows.step[limits[table]]) for table, rows in found.items() if len(rows) > limits[table]]
    following = min(over, default=None)
    if following is not None:
        found = {table: between(rows, start, following - 1) for table, rows in found.items()}
    return Selected({table: _whole(rows) for table, rows in found.items()}, None, following)


def _whole(rows: Rows) -> Table:
    return Table(
        rows.step,
        rows.time,
        {name: {"": values} for name, values in rows.columns.items()},
        _nonfinite(rows.step, rows.columns),
    )


def _thinned(view: View, table: str, names: Sequence[str], query: Query, step: Steps, width: int) -> Table:
    """The table with a row for each bucket. `step` has those of all of the range's rows."""
    starts = bucket_starts(step, width)
    ends = bucket_ends(starts, len(step))
    if table == HISTOGRAMS:
        time = view.columns(table, ("time",), query.start, query.stop)["time"][ends]
        return Table(step[ends], time, _added(view, names, query, step, starts), {})
    columns: dict[str, dict[str, NDArray[Any]]] = {}
    missing: dict[str, list[NonfiniteRun]] = {}
    most = min(query.points or MOST_RUNS, MOST_RUNS)
    at_once = max(1, THINNED_VALUES // max(1, len(step)))
    for i in range(0, len(names) or 1, at_once):
        # With their times: to open a chunk once more takes longer than to read one column more.
        found = view.columns(table, ("time", *names[i : i + at_once]), query.start, query.stop, kept=False)
        time = found.pop("time")[ends]
        missing |= _nonfinite(step, found, most)
        for name, values in found.items():
            columns[name] = summaries(values, starts, query.parts)
    return Table(step[ends], time, columns, missing)


def _added(
    view: View, names: Sequence[str], query: Query, step: Steps, starts: NDArray[np.intp]
) -> dict[str, dict[str, NDArray[Any]]]:
    """The named columns of the histograms, those of a bucket added up over the range of its last row."""
    ends = bucket_ends(starts, len(step))
    bucket = np.searchsorted(starts, np.arange(len(step)), side="right") - 1
    found: dict[str, NDArray[Any]] = {}
    for layer in dict.fromkeys(name.rpartition(".")[0] for name in names):
        least, most, counted = f"{layer}.lo", f"{layer}.hi", f"{layer}{COUNTS}"
        lo, hi = view.columns(HISTOGRAMS, (least, most), query.start, query.stop).values()
        found |= {least: lo[ends], most: hi[ends]}
        if counted in names:
            found[counted] = np.zeros((len(starts), BINS), np.uint64)
            for i in range(0, len(step), HISTOGRAMS_AT_ONCE):
                here = slice(i, i + HISTOGRAMS_AT_ONCE)
                some = step[here]
                counts = view.columns(HISTOGRAMS, (counted,), int(some[0]), int(some[-1]))[counted]
                found[counted] += added(lo[here], hi[here], counts, bucket[here], found[least], found[most])
    return {name: {"": found[name]} for name in names}


def _check_size(wanted: Names, points: int, parts: int) -> None:
    widths = {table: _width(names) * (1 if table == HISTOGRAMS else parts) for table, names in wanted.items()}
    most = PAGE_VALUES // max(widths.values())
    if points > most:
        number = sum(map(len, wanted.values()))
        raise InvalidQuery(
            "points", f"{points} points of {number} series are too many at once: at most {most}, or fewer layers"
        )


def _nonfinite(step: Steps, columns: Mapping[str, Column], most: int | None = None) -> dict[str, list[NonfiniteRun]]:
    found = {name: runs(step, values, most) for name, values in columns.items() if values.ndim == 1}
    return {name: entries for name, entries in found.items() if entries}


def _width(names: Sequence[str]) -> int:
    """How many values these columns have in a row."""
    return sum(BINS if name.endswith(COUNTS) else 1 for name in names) or 1
