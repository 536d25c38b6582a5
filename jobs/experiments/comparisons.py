"""One measured number of every job of an experiment, and how variants differ in it, seed by seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

from pydantic import JsonValue

from jobs.errors import InvalidQuery
from jobs.experiments.clients import Experiment
from jobs.experiments.document import Member, by_group
from jobs.experiments.intervals import Estimate, estimate
from jobs.lifecycle.job import Status
from jobs.series.format.manifest import last_chunks
from jobs.series.format.schema import TABLES
from jobs.storage.database import Database


@dataclass(frozen=True)
class Value:
    """Over the seeds of one variant at one grid point: the last value of a series."""

    variant: str
    point: dict[str, JsonValue]
    value: Estimate | None


@dataclass(frozen=True)
class Difference:
    """The value of `variant` minus that of `minus`, of the seeds that have both."""

    variant: str
    minus: str
    point: dict[str, JsonValue]
    difference: Estimate | None


def last_values(database: Database, experiment: Experiment, series: str) -> tuple[tuple[Member, float], ...]:
    """The last value of a series of every job that succeeded: `test.accuracy`, `rank.hidden3.rank`.

    It stands in the manifest, so that no chunk is read; NaN where it is not finite. Jobs that have no such series are
    left out. Raises InvalidQuery for a table that does not exist, or where no job that succeeded has the series, or it
    is not of numbers: that of a histogram's counts.
    """
    table, _, name = series.partition(".")
    if table not in TABLES or not name:
        raise InvalidQuery("series", f"'{series}' begins with no table and a dot; there is: {', '.join(TABLES)}")
    done = {job.id: member for member, job in experiment.jobs if job.status is Status.SUCCEEDED}
    numbers = {
        job_id: {each: _number(said["last"]) for each, said in recorded.items() if "last" in said}
        for job_id, recorded in last_chunks(database, table, done).items()
    }
    found = tuple((member, numbers[job_id][name]) for job_id, member in done.items() if name in numbers.get(job_id, ()))
    if done and not found:
        there = dict.fromkeys(f"{table}.{each}" for each_job in numbers.values() for each in each_job)
        known = ", ".join(there) or f"nothing in '{table}'"
        raise InvalidQuery(
            "series", f"no job of this experiment has '{series}' as a number; to compare there is: {known}"
        )
    return found


def values(found: Sequence[tuple[Member, float]]) -> tuple[Value, ...]:
    """The mean over the seeds of each variant at each grid point, with its interval."""
    return tuple(
        Value(same[0][0].variant, same[0][0].point, estimate([value for _, value in same]))
        for same in by_group(found, lambda each: each[0])
    )


def differences(found: Sequence[tuple[Member, float]]) -> tuple[Difference, ...]:
    """Every variant minus every one before it, at each grid point: the mean over the seeds that both have."""
    variants = list(dict.fromkeys(member.variant for member, _ in found))
    points = {member.at: member.point for member, _ in found}
    by_seed = {(member.variant, member.at, member.seed): value for member, value in found}
    seeds = sorted({member.seed for member, _ in found})
    made = []
    for key, point in points.items():
        for i, variant in enumerate(variants):
            for minus in variants[:i]:
                pairs = ((by_seed.get((variant, key, seed)), by_seed.get((minus, key, seed))) for seed in seeds)
                both = [one - other for one, other in pairs if one is not None and other is not None]
                made.append(Difference(variant, minus, point, estimate(both)))
    return tuple(made)


def _number(last: float | None) -> float:
    return nan if last is None else last
