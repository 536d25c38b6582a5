"""One number of every training of an experiment that came to an end: a series by its last value, or one of a range."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf, isfinite, nan
from sys import maxsize
from typing import Literal

import numpy as np

from jobs.errors import InvalidQuery
from jobs.experiments.clients import Experiment
from jobs.experiments.document import Member
from jobs.experiments.planned import planned
from jobs.experiments.question import goal_of_series
from jobs.experiments.seeds import DIVERGED, chance, outcome_of
from jobs.experiments.statistics.interval import Bounds
from jobs.experiments.statistics.over_steps import OVER_STEPS, Kind
from jobs.lifecycle.job import Job, Status
from jobs.series.answers.names import split
from jobs.series.format.columns import expected
from jobs.series.format.manifest import Chunk, last_chunks
from jobs.series.format.schema import COUNTS, TABLES, UNITS
from jobs.series.read.reader import Series, View, answers_from, read_columns
from jobs.spec.training import Goal
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects

SummaryKind = Literal["last", Kind]


@dataclass(frozen=True)
class Summary:
    """How a series becomes one number: its last value, or one of all values from one step to another.

    first, last: both ends are included; None: without that end. Of `last` they mean nothing.
    """

    kind: SummaryKind = "last"
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True)
class Number:
    """What a training came to in one number, which may be known by bounds only."""

    member: Member
    job: str
    value: Bounds


def numbers(
    database: Database,
    objects: Objects,
    experiment: Experiment,
    series: str,
    summary: Summary,
    goal: Goal | None,
    minus: str | None = None,
) -> tuple[Number, ...]:
    """A series in one number of every training that succeeded or diverged; with `minus`, less that of another series.

    One that diverged has the worst: of accuracies, unless less of them is better, chance; else what is infinitely bad.
    Where nobody said whether less or more is better, nothing is known of it. So has a value that is not finite. A job
    that succeeded and has no such series, or none in the range, is left out, and one that cannot be read. Of a
    difference of two series `goal` alone says what is better. They are in the order of the document: by its variants,
    then by its grid.
    """
    found = _found(database, objects, experiment, series, summary)
    if minus is not None:
        less = _found(database, objects, experiment, minus, summary)
        found = {job_id: value - less[job_id] for job_id, value in found.items() if job_id in less}
    made = []
    for member, job in experiment.jobs:
        if job.id in found or outcome_of(job) == DIVERGED:
            value = found.get(job.id, nan)
            exact = Bounds(value, value) if isfinite(value) else _worst(series if minus is None else None, goal, job)
            made.append(Number(member, job.id, exact))
    places = {key: place for place, key in enumerate(planned(experiment.spec))}
    return tuple(sorted(made, key=lambda each: places.get((each.member.variant, each.member.at), len(places))))


def check_series(
    database: Database, experiment: Experiment, series: str, kind: SummaryKind = "last", parameter: str = "series"
) -> None:
    """Raise InvalidQuery for a table that does not exist, or where no job that succeeded has the series as a number.

    That of a histogram's counts is none. What wanders are the units of a layer: `units.hidden3` names a layer. Where no
    job has succeeded, their documents tell what they record; where all were deleted, nothing does.
    """
    table, _, name = series.partition(".")
    if table not in TABLES or not name:
        raise InvalidQuery(parameter, f"'{series}' begins with no table and a dot; there is: {', '.join(TABLES)}")
    if kind == "wander" and table != UNITS:
        raise InvalidQuery(parameter, f"kind=wander is of a layer's units, such as units.hidden3, not of '{series}'")
    done = _succeeded(experiment)
    last = _last(database, table, done)
    recorded = [*last.values()] if done else [_expected(job, table) for _, job in experiment.jobs]
    if experiment.jobs and not any(_columns(kind, name, each) for each in recorded):
        names = [_layer(each) if kind == "wander" else each for each_job in recorded for each in each_job]
        known = ", ".join(dict.fromkeys(f"{table}.{each}" for each in names)) or f"nothing in '{table}'"
        what = "as a layer with recorded units" if kind == "wander" else "as a number"
        raise InvalidQuery(parameter, f"no job of this experiment has '{series}' {what}; to compare there is: {known}")


def check_range(experiment: Experiment, summary: Summary) -> None:
    """Raise InvalidQuery for a range that holds no step, or none of any job."""
    first = summary.first or 0
    if summary.last is not None and first > summary.last:
        raise InvalidQuery("to", f"this lies before 'from', {first}")
    longest = max((job.steps for _, job in experiment.jobs), default=first)
    if first > longest:
        raise InvalidQuery("from", f"no job of this experiment is longer than {longest:,} steps")


def _expected(job: Job, table: str) -> tuple[str, ...]:
    """The series of a table that a job will have as numbers."""
    return tuple(name for name in expected(job.resolved).get(table, ()) if not name.endswith(COUNTS))


def _found(
    database: Database, objects: Objects, experiment: Experiment, series: str, summary: Summary
) -> dict[str, float]:
    """By job, of those that succeeded and have it."""
    table, _, name = series.partition(".")
    done = _succeeded(experiment)
    last = _last(database, table, done)
    recording = [job_id for job_id, names in last.items() if _columns(summary.kind, name, names)]
    if summary.kind == "last":
        return {job_id: last[job_id][name] for job_id in recording}

    def answer(view: View) -> float | None:
        columns = _columns(summary.kind, name, view.manifest.names[table])
        return _over_steps(view.objects, view.manifest.chunks[table], columns, summary)

    found = answers_from(database, [Series(done[job_id], database, objects) for job_id in recording], table, answer)
    return {job_id: value for job_id, value in found.items() if isinstance(value, float)}


def _columns(kind: SummaryKind, name: str, recorded: Iterable[str]) -> tuple[str, ...]:
    """Which columns the number is of: the one of this name, or those of the layer whose units wander, unit by unit.

    They are recorded percentile by percentile; sorted, `hidden3.2.p15`, `.p50` and `.p85` stand together.
    """
    if kind == "wander":
        return tuple(sorted(each for each in recorded if _layer(each) == name))
    return tuple(each for each in recorded if each == name)


def _layer(name: str) -> str:
    return split(UNITS, name)[0]


def _succeeded(experiment: Experiment) -> dict[str, Job]:
    return {job.id: job for _, job in experiment.jobs if job.status is Status.SUCCEEDED}


def _last(database: Database, table: str, job_ids: Mapping[str, Job]) -> dict[str, dict[str, float]]:
    """It stands in the manifest, so that no chunk is read; NaN where it is not finite."""
    return {
        job_id: {each: _number(said["last"]) for each, said in recorded.items() if "last" in said}
        for job_id, recorded in last_chunks(database, table, job_ids).items()
    }


@lru_cache(maxsize=4000)
def _over_steps(
    objects: Objects, chunks: tuple[Chunk, ...], columns: tuple[str, ...], summary: Summary
) -> float | None:
    assert summary.kind != "last"
    last = maxsize if summary.last is None else summary.last
    values = read_columns(objects, chunks, columns, summary.first or 0, last)
    with np.errstate(invalid="ignore"):  # what is not finite makes NaN
        return OVER_STEPS[summary.kind]([values[name] for name in columns])


def _worst(series: str | None, goal: Goal | None, job: Job) -> Bounds:
    """Of a series, or of the difference of two: None."""
    wanted = goal if series is None else goal_of_series(series, goal)
    if series is not None and series.rpartition(".")[2].startswith("accuracy") and wanted == "max":
        return Bounds(chance(job), chance(job))
    at_worst = {"min": inf, "max": -inf}
    return Bounds(-inf, inf) if wanted is None else Bounds(at_worst[wanted], at_worst[wanted])


def _number(last: float | None) -> float:
    return nan if last is None else last
