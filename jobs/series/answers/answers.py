"""The series as answers: plain dicts of numpy columns, for orjson with OPT_SERIALIZE_NUMPY.

orjson writes a float32 as the shortest decimal that reads back to it, and null for what is not finite.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jobs.lifecycle.job import Job
from jobs.series.answers.names import (
    activation_names,
    asked_diagnostics,
    diagnostic_names,
    evaluated_by,
    flat,
    metric_names,
    nested,
)
from jobs.series.format.manifest import Manifest, is_complete
from jobs.series.format.schedule import schedules
from jobs.series.format.schema import ACTIVATIONS, HISTOGRAMS, TEST, TRAIN, UNITS
from jobs.series.read.cuts import WHOLE, Cut, check, query_of
from jobs.series.read.reader import Series, answer_from
from jobs.series.read.selection import Selected, select
from jobs.storage.database import Database
from jobs.storage.objects.folder import Objects


def metrics(
    database: Database,
    objects: Objects,
    job: Job,
    cut: Cut = WHOLE,
) -> dict[str, Any]:
    """Training and test metrics.

    `complete` is of the whole series, whatever the cut; `watermark`, the last committed step, is the next `after`.
    Without `cut.points` every row is there, at most 100,000 of a table: `next` is then the step to ask from for the
    rest. With them a longer range comes as buckets, so many of each table at most: see `jobs.series.read.buckets`.
    Raises InvalidQuery, NotFound, DamagedObject.
    """
    check(cut, job.steps)

    def answer(series: Series) -> dict[str, Any]:
        selected = select(series, metric_names(series.manifest), query_of(series, cut))
        columns = {
            name: {"step": table.step, "time": table.time, **flat(table)} for name, table in selected.tables.items()
        }
        if (used := evaluated_by(job, selected.tables[TEST].step)) is not None:
            columns[TEST]["statistics"] = used
        return {
            **_head(job, series.manifest, (TRAIN, TEST), selected),
            **columns,
            "nonfinite": selected.nonfinite,
        }

    return answer_from(database, objects, job.id, answer)


def activations(
    database: Database,
    objects: Objects,
    job: Job,
    *,
    sample: Mapping[str, int],
    layers: Sequence[str] = (),
    statistics: Sequence[str] = (),
    units: bool = False,
    histograms: bool = False,
    cut: Cut = WHOLE,
) -> dict[str, Any]:
    """The inside of the network: of the named layers the named statistics, all where none are named.

    sample: for each layer with a tap, how many values its percentiles, `saturated` and histograms are of.
    `statistics` chooses among those of `layers`, not of units. The rest is as in `metrics`; where the answer is
    thinned, the histograms of a bucket are added up.
    Raises InvalidQuery for a layer or statistic that is not recorded, NotFound, DamagedObject.
    """
    check(cut, job.steps)
    tables = (ACTIVATIONS, *[UNITS] * units, *[HISTOGRAMS] * histograms)
    # Without a tap there is no unit and no histogram to wait for.
    expected = tables if sample else (ACTIVATIONS,)

    def answer(series: Series) -> dict[str, Any]:
        selected = select(series, activation_names(series.manifest, layers, statistics, tables), query_of(series, cut))
        main, *others = selected.tables.items()
        return {
            **_head(job, series.manifest, expected, selected),
            "step": main[1].step,
            "layers": nested(*main),
            **{name: {"step": table.step, **nested(name, table)} for name, table in others},
            "nonfinite": selected.nonfinite,
            "sample": {layer: n for layer, n in sample.items() if not layers or layer in layers},
        }

    return answer_from(database, objects, job.id, answer)


def diagnostics(
    database: Database,
    objects: Objects,
    job: Job,
    *,
    names: Sequence[str] = (),
    layers: Sequence[str] = (),
    cut: Cut = WHOLE,
) -> dict[str, Any]:
    """What the named diagnostics have measured, all that the job asked for where none is named, by diagnostic.

    The rest is as in `metrics`. Raises InvalidQuery for a diagnostic or a layer that is not there, NotFound,
    DamagedObject.
    """
    check(cut, job.steps)
    tables = asked_diagnostics(job, names)

    def answer(series: Series) -> dict[str, Any]:
        selected = select(series, diagnostic_names(series.manifest, tables, layers), query_of(series, cut))
        return {
            **_head(job, series.manifest, tables, selected),
            "diagnostics": {
                name: {"step": table.step, **nested(name, table)} for name, table in selected.tables.items()
            },
            "nonfinite": selected.nonfinite,
        }

    return answer_from(database, objects, job.id, answer)


def _head(job: Job, manifest: Manifest, tables: Iterable[str], selected: Selected) -> dict[str, Any]:
    schedule = schedules(job.resolved.spec)
    return {
        "job": job.id,
        "status": str(manifest.status),
        "attempt": manifest.attempt,
        "complete": all(is_complete(manifest.chunks[table], schedule[table]) for table in tables),
        "watermark": manifest.watermark,
        "sampled": selected.bucket_width is not None,
        **({"bucket_width": selected.bucket_width} if selected.bucket_width else {}),
        "next": selected.next,
    }
