"""A job's series in a line each, from the manifest alone: nothing that was recorded is opened."""

from collections.abc import Iterable, Sequence
from typing import Any

from jobs.series.answers.names import recorded_tables
from jobs.series.format.columns import expected
from jobs.series.format.manifest import Described, is_complete, read_described
from jobs.series.format.schedule import schedules
from jobs.series.read.reader import Series

SeriesSummary = dict[str, Any]


def summary(series: Series, tables: Iterable[str]) -> dict[str, Any]:
    """Each series of these tables: how often it was recorded, its first, last, least and greatest value with their
    steps, and how many values are not finite. A column of histograms' counts is left out. Raises NotFound.

    Series stand in the order of the network's layers, from the input to the output. Of values that are not finite,
    `first` and `last` are null; extremes are of the others.
    """
    job, known = series.job, expected(series.job.resolved)
    schedule = schedules(job.resolved.spec, job.stopped_at)
    manifest, said = read_described(series.database, job.id, tables)
    return {
        "job": job.id,
        "status": str(manifest.status),
        "attempt": manifest.attempt,
        "complete": all(
            is_complete(manifest.chunks[table], schedule[table]) for table in recorded_tables(job) if table in said
        ),
        "watermark": manifest.watermark,
        "summary": {table: _in_order(_of_table(chunks), known.get(table, ())) for table, chunks in said.items()},
    }


def _of_table(chunks: Described) -> dict[str, SeriesSummary]:
    found: dict[str, SeriesSummary] = {}
    for first, last, series in chunks:
        for name, said in series.items():
            if "first" not in said:
                continue
            here = {
                "count": said["count"],
                "first": {"step": first, "value": said["first"]},
                "last": {"step": last, "value": said["last"]},
                "min": {"step": said["min_step"], "value": said["min"]},
                "max": {"step": said["max_step"], "value": said["max"]},
                "nonfinite": said["nonfinite"],
            }
            found[name] = _joined(found[name], here) if name in found else here
    return found


def _in_order(found: dict[str, SeriesSummary], names: Sequence[str]) -> dict[str, SeriesSummary]:
    """Those of these names in their order, and behind them the others."""
    return {name: found[name] for name in names if name in found} | found


def _joined(one: SeriesSummary, other: SeriesSummary) -> SeriesSummary:
    """Of two parts of a series, the earlier one first."""
    return {
        "count": one["count"] + other["count"],
        "first": one["first"],
        "last": other["last"],
        "min": min(one["min"], other["min"], key=lambda end: float("inf") if end["value"] is None else end["value"]),
        "max": max(one["max"], other["max"], key=lambda end: -float("inf") if end["value"] is None else end["value"]),
        "nonfinite": one["nonfinite"] + other["nonfinite"],
    }
