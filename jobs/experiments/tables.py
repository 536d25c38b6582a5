"""An experiment's results as a table: a row a job, with what sets it apart, how it ended, and what it measured."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.experiments.clients import Experiment
from jobs.experiments.seeds import outcome_of
from jobs.lifecycle.scores import Score, Scores
from jobs.lists.conditions import BEST, MEASURES, SERIES

Columns = dict[str, list[Any]]


def columns_of(experiment: Experiment, scores: Mapping[str, Scores]) -> Columns:
    """Variant, the point of the grid by its pointers, seed, job, outcome, steps, and each metric's last and best value.

    scores: by job. Rows come in the order in which the jobs were queued. The outcome is a status, or `diverged`.
    """
    jobs = experiment.jobs
    reached = [scores.get(job.id, {}) for _, job in jobs]
    return {
        "variant": [member.variant for member, _ in jobs],
        **{where: [member.point[where] for member, _ in jobs] for where in experiment.spec.grid},
        "seed": [member.seed for member, _ in jobs],
        "job": [job.id for _, job in jobs],
        "outcome": [outcome_of(job) for _, job in jobs],
        "step": [job.step for _, job in jobs],
        "steps": [job.steps for _, job in jobs],
        **{series: [_score(each, series).last for each in reached] for series in SERIES},
        **dict(_best(reached)),
    }


def parquet_of(columns: Columns) -> bytes:
    """The same as a Parquet file; of values of the grid that are not all numbers, words or booleans it has the JSON."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({name: _array(name, values) for name, values in columns.items()}), sink, compression="zstd")
    return bytes(sink.getvalue())


def _best(reached: Iterable[Scores]) -> Iterable[tuple[str, list[Any]]]:
    reached = list(reached)
    for measure in MEASURES[len(SERIES) :]:
        scores = [_score(each, measure.removeprefix(BEST)) for each in reached]
        yield measure, [score.best for score in scores]
        yield f"{measure}.step", [score.step for score in scores]


def _score(scores: Scores, series: str) -> Score:
    return scores.get(series, Score(None))


def _array(name: str, values: list[Any]) -> pa.Array:
    if name.startswith("/"):
        kinds = {type(value) for value in values}
        if kinds <= {int, float}:
            return pa.array([float(value) for value in values], pa.float64())
        if kinds in ({str}, {bool}):
            return pa.array(values)
        return pa.array([orjson.dumps(value).decode() for value in values], pa.string())
    return pa.array(values, TYPES.get(name, pa.int64() if name.endswith(".step") else pa.float64()))


TYPES = {
    **dict.fromkeys(("variant", "job", "outcome"), pa.string()),
    **dict.fromkeys(("seed", "step", "steps"), pa.int64()),
}
"""Of the columns that are no metric."""
