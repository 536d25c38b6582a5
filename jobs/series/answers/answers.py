"""The series as answers: plain dicts of numpy columns, for orjson with OPT_SERIALIZE_NUMPY.

orjson writes a float32 as the shortest decimal that reads back to it, and null for what is not finite.
"""

from collections.abc import Iterable, Sequence
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
from jobs.series.format.columns import EVALUATED
from jobs.series.format.manifest import Manifest, is_complete
from jobs.series.format.schedule import schedules
from jobs.series.format.schema import ACTIVATIONS
from jobs.series.read.cuts import WHOLE, Cut, check_cut, query_of
from jobs.series.read.reader import Series, View, answer_from
from jobs.series.read.selection import Selected, select


def metrics(series: Series, cut: Cut = WHOLE) -> dict[str, Any]:
    """The metrics of training, of the test set, and of the validation part where there is one.

    `complete` is of the whole series, whatever the cut; `watermark`, the last committed step, is the next `after`.
    Without `cut.points` every row is there, at most 100,000 of a table: `next` is then the step to ask from for the
    rest. With them a longer range comes as buckets, so many of each table at most: see `jobs.series.read.buckets`.
    Raises InvalidQuery, NotFound, DamagedObject.
    """
    check_cut(cut, series.job.steps)

    def answer(view: View) -> dict[str, Any]:
        selected = select(view, metric_names(series.job.resolved, view.manifest), query_of(view, cut))
        columns = {
            name: {"step": table.step, "time": table.time, **flat(table)} for name, table in selected.tables.items()
        }
        for name in EVALUATED:
            if name in columns and (used := evaluated_by(series.job, selected.tables[name].step)) is not None:
                columns[name]["statistics"] = used
        return {
            **_head(series.job, view.manifest, columns, selected),
            **columns,
            "nonfinite": selected.nonfinite,
        }

    return answer_from(series, answer)


def activations(
    series: Series,
    tables: Sequence[str] = (ACTIVATIONS,),
    *,
    layers: Sequence[str] = (),
    statistics: Sequence[str] = (),
    cut: Cut = WHOLE,
) -> dict[str, Any]:
    """The inside of the network: of the named layers the named statistics, all where none are named.

    tables: `activations`, and behind it `units`, `histograms`, or both. `sample` says of each layer with a tap how many
    values its percentiles, `saturated` and histograms are of. `statistics` chooses among those of `layers`, not of
    units. The rest is as in `metrics`; where the answer is thinned, the histograms of a bucket are added up.
    Raises InvalidQuery for a layer or statistic that is not recorded, NotFound, DamagedObject.
    """
    check_cut(cut, series.job.steps)
    sample = series.job.resolved.samples
    # Without a tap there is no unit and no histogram to wait for.
    expected = tables if sample else (ACTIVATIONS,)

    def answer(view: View) -> dict[str, Any]:
        selected = select(view, activation_names(view.manifest, layers, statistics, tables), query_of(view, cut))
        main, *others = selected.tables.items()
        return {
            **_head(series.job, view.manifest, expected, selected),
            "step": main[1].step,
            "layers": nested(*main),
            **{name: {"step": table.step, **nested(name, table)} for name, table in others},
            "nonfinite": selected.nonfinite,
            "sample": {layer: n for layer, n in sample.items() if not layers or layer in layers},
        }

    return answer_from(series, answer)


def diagnostics(
    series: Series,
    *,
    names: Sequence[str] = (),
    layers: Sequence[str] = (),
    cut: Cut = WHOLE,
) -> dict[str, Any]:
    """What the named diagnostics have measured, all that the job asked for where none is named, by diagnostic.

    The rest is as in `metrics`. Raises InvalidQuery for a diagnostic or a layer that is not there, NotFound,
    DamagedObject.
    """
    check_cut(cut, series.job.steps)
    tables = asked_diagnostics(series.job, names)

    def answer(view: View) -> dict[str, Any]:
        selected = select(view, diagnostic_names(view.manifest, tables, layers), query_of(view, cut))
        return {
            **_head(series.job, view.manifest, tables, selected),
            "diagnostics": {
                name: {"step": table.step, **nested(name, table)} for name, table in selected.tables.items()
            },
            "nonfinite": selected.nonfinite,
        }

    return answer_from(series, answer)


def _head(job: Job, manifest: Manifest, tables: Iterable[str], selected: Selected) -> dict[str, Any]:
    return {"job": job.id, **standing(job, manifest, tables, selected), "next": selected.next}


def standing(job: Job, manifest: Manifest, tables: Iterable[str], selected: Selected) -> dict[str, Any]:
    """How far a job is, whether these tables of it are complete, and how its answer was thinned."""
    schedule = schedules(job.resolved.spec, job.stopped_at)
    return {
        "status": str(manifest.status),
        "attempt": manifest.attempt,
        "complete": all(is_complete(manifest.chunks[table], schedule[table]) for table in tables),
        "watermark": manifest.watermark,
        "sampled": selected.bucket_width is not None,
        **({"bucket_width": selected.bucket_width} if selected.bucket_width else {}),
    }
