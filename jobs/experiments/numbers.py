"""One number of every training of an experiment that came to an end: of any series, its last value or a mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf, isfinite, nan
from sys import maxsize
from typing import Literal

import numpy as np

from jobs.errors import DamagedObject, InvalidQuery
from jobs.experiments.clients import Experiment
from jobs.experiments.document import Member
from jobs.experiments.question import goal_of_series
from jobs.experiments.seeds import DIVERGED, chance, outcome_of
from jobs.experiments.statistics.interval import Bounds
from jobs.lifecycle.job import Job, Status
from jobs.series.format.manifest import Chunk, last_chunks
from jobs.series.format.schema import TABLES
from jobs.series.read.reader import Series, answers_from, read_columns
from jobs.spec.training import Goal
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects


@dataclass(frozen=True)
class Summary:
    """How a series becomes one number: its last value, or its mean from one step to another, both ends included.

    first, last: None: without that end.
    """

    kind: Literal["last", "mean", "rms", "wander"] = "last"
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True)
class Number:
    """What a training came to in one number, which may be known by bounds only."""

    member: Member
    job: str
    value: Bounds


def numbers(
    database: Database, objects: Objects, experiment: Experiment, series: str, summary: Summary, goal: Goal | None
) -> tuple[Number, ...]:
    """A series' last value, or its mean over a range of steps, of every training that succeeded or diverged.

    One that diverged has the worst: of accuracies chance, else what is infinitely bad; where nobody said whether less
    or more is better, nothing is known of it. So has a value that is not finite. A job that succeeded and has no such
    series, or none in the range, is left out, and one that cannot be read.
    """
    table, _, name = series.partition(".")
    done = _succeeded(experiment)
    last = _last(database, table, done)
    recording = [job for job in done.values() if name in last.get(job.id, ())]
    if summary.kind == "last":
        found = {job.id: last[job.id][name] for job in recording}
    else:
        found = _means(database, objects, recording, table, name, summary)
    wanted = goal_of_series(series, goal)
    made = []
    for member, job in experiment.jobs:
        if job.id in found or outcome_of(job) == DIVERGED:
            value = found.get(job.id, nan)
            exact = Bounds(value, value) if isfinite(value) else _worst(series, wanted, job)
            made.append(Number(member, job.id, exact))
    return tuple(made)


def check_series(database: Database, experiment: Experiment, series: str) -> None:
    """Raise InvalidQuery for a table that does not exist, or where no job that succeeded has the series as a number.

    That of a histogram's counts is none.
    """
    table, _, name = series.partition(".")
    if table not in TABLES or not name:
        raise InvalidQuery("series", f"'{series}' begins with no table and a dot; there is: {', '.join(TABLES)}")
    done = _succeeded(experiment)
    last = _last(database, table, done)
    if done and not any(name in each for each in last.values()):
        there = dict.fromkeys(f"{table}.{each}" for each_job in last.values() for each in each_job)
        known = ", ".join(there) or f"nothing in '{table}'"
        raise InvalidQuery(
            "series", f"no job of this experiment has '{series}' as a number; to compare there is: {known}"
        )


def _succeeded(experiment: Experiment) -> dict[str, Job]:
    return {job.id: job for _, job in experiment.jobs if job.status is Status.SUCCEEDED}


def _last(database: Database, table: str, job_ids: Mapping[str, Job]) -> dict[str, dict[str, float]]:
    """It stands in the manifest, so that no chunk is read; NaN where it is not finite."""
    return {
        job_id: {each: _number(said["last"]) for each, said in recorded.items() if "last" in said}
        for job_id, recorded in last_chunks(database, table, job_ids).items()
    }


def _means(
    database: Database, objects: Objects, jobs: list[Job], table: str, name: str, over: Summary
) -> dict[str, float]:
    asked = [Series(job, database, objects) for job in jobs]
    found = answers_from(
        database, asked, table, lambda view: _mean(view.objects, view.manifest.chunks[table], name, over)
    )
    return {job_id: mean for job_id, mean in found.items() if mean is not None and not isinstance(mean, DamagedObject)}


@lru_cache(maxsize=4000)
def _mean(objects: Objects, chunks: tuple[Chunk, ...], name: str, over: Summary) -> float | None:
    values = read_columns(objects, chunks, (name,), over.first or 0, maxsize if over.last is None else over.last)[name]
    return float(np.mean(values, dtype=np.float64)) if len(values) else None


def _worst(series: str, goal: Goal | None, job: Job) -> Bounds:
    if series.rpartition(".")[2].startswith("accuracy"):
        return Bounds(chance(job), chance(job))
    at_worst = {"min": inf, "max": -inf}
    return Bounds(-inf, inf) if goal is None else Bounds(at_worst[goal], at_worst[goal])


def _number(last: float | None) -> float:
    return nan if last is None else last
