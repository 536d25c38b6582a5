"""Series of several jobs in one answer, for charts; and those of one job as a matrix, for heat maps."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select as query

from jobs.errors import DamagedObject, Gone, InvalidQuery, InvalidSpec
from jobs.lifecycle.job import Job
from jobs.lifecycle.lookup import job_of, not_there
from jobs.series.answers.answers import standing
from jobs.series.answers.names import split
from jobs.series.answers.patterns import check_matching, known_names, matching, tables_of
from jobs.series.answers.rounding import rounded
from jobs.series.format.manifest import Manifest, read_manifests
from jobs.series.read.buckets import GREATEST, LAST, LEAST, MEAN
from jobs.series.read.cuts import Cut, check_cut, query_of
from jobs.series.read.reader import Series, View, answers_of
from jobs.series.read.selection import PAGE_VALUES, Names, Selected, Table, select
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects

POINTS = 200  # rows of a table, the most, where nothing is said
COLUMNS = {"value": LAST, "min": LEAST, "max": GREATEST, "mean": MEAN}
"""What a bucket may be asked for, and how the names of those columns go on."""


@dataclass(frozen=True)
class Asked:
    """What is wanted of each job."""

    names: tuple[str, ...]
    """Full names, and patterns."""
    columns: tuple[str, ...] = ("value",)
    """Of COLUMNS. Where nothing was joined, each of them is the value itself."""
    cut: Cut = field(default=Cut(points=POINTS))
    """With `points`."""
    digits: int | None = None
    """To how many significant digits numbers are rounded; None: not at all."""
    time: bool = False
    """Whether rows have the time at which they were recorded."""


@dataclass(frozen=True)
class _Found:
    """Jobs that are there, with their manifests and what is named of them; and the others."""

    asked: dict[str, Series]
    manifests: dict[str, Manifest]
    wanted: dict[str, Names]
    gone: tuple[str, ...]
    damaged: dict[str, str]


def several(database: Database, objects: Objects, job_ids: Sequence[str], asked: Asked) -> dict[str, Any]:
    """By job what is named of it, where it has or will have that: `jobs[id]["tables"]["test"]["test.accuracy"]`.

    Each table has one `step`. A job that was deleted is in `gone`, and one that cannot be read in `damaged`, with the
    reason. Raises InvalidQuery, NotFound for a job that never was, and Gone where none of them is left.
    """
    found = _find(database, objects, job_ids, asked)

    def of_job(series: Series, view: View) -> dict[str, Any]:
        names = found.wanted[series.job.id]
        selected = _selected(view, names, asked)
        return {
            **standing(series.job, view.manifest, names, selected),
            "tables": {name: _columns(name, table, asked) for name, table in selected.tables.items()},
            "nonfinite": selected.nonfinite,
        }

    answers = _answers(found, of_job)
    damaged = found.damaged | {
        job_id: str(answer) for job_id, answer in answers.items() if isinstance(answer, DamagedObject)
    }
    return {
        "columns": asked.columns,
        "digits": asked.digits,
        "jobs": {job_id: answers[job_id] for job_id in job_ids if job_id in answers.keys() - damaged.keys()},
        "gone": [job_id for job_id in job_ids if job_id not in answers.keys() | damaged.keys()],
        "damaged": damaged,
    }


def matrix(database: Database, objects: Objects, job_id: str, asked: Asked) -> dict[str, Any]:
    """A row of `values` for each series that is named, in the order of the network's layers; a column for each step.

    Raises InvalidQuery, also where series are of several tables or several columns are asked for, NotFound,
    InvalidSpec and DamagedObject.
    """
    if len(asked.columns) != 1:
        raise InvalidQuery("columns", f"a matrix has exactly one of: {', '.join(COLUMNS)}")
    found = _find(database, objects, [job_id], asked)
    names = found.wanted[job_id]
    if len(names) > 1:
        raise InvalidQuery("names", f"a matrix is of one table; these series are of: {', '.join(names)}")

    def of_job(series: Series, view: View) -> dict[str, Any]:
        selected = _selected(view, names, asked)
        ((name, table),) = selected.tables.items()
        columns = _columns(name, table, asked)
        step, time = columns.pop("step"), {"time": columns.pop("time")} if asked.time else {}
        return {
            "job": job_id,
            **standing(series.job, view.manifest, names, selected),
            "column": asked.columns[0],
            "digits": asked.digits,
            "step": step,
            **time,
            "names": [f"{name}.{series}" for series in names[name]],
            "layers": [".".join(split(name, series)[:-1]) or None for series in names[name]],
            "values": np.stack(list(columns.values())),
            "nonfinite": selected.nonfinite,
        }

    answer = _answers(found, of_job).get(job_id)
    if answer is None:
        raise Gone(f"job '{job_id}' was deleted")
    if isinstance(answer, DamagedObject):
        raise answer
    return answer


def gone_of(database: Database, job_ids: Sequence[str], there: Collection[str]) -> tuple[str, ...]:
    """Those of these jobs that were deleted, by those that are there. Raises NotFound, and Gone where none is left."""
    missing = tuple(job_id for job_id in job_ids if job_id not in there)
    if missing:
        with database.read() as connection:
            errors = [not_there(connection, job_id) for job_id in missing]
        never = [error for error in errors if not isinstance(error, Gone)]
        if never or not there:
            raise (never or errors)[0]
    return missing


def _find(database: Database, objects: Objects, job_ids: Sequence[str], asked: Asked) -> _Found:
    """What is named of these jobs, checked before a row is read."""
    jobs = _jobs(database, job_ids)
    gone = gone_of(database, job_ids, jobs)
    check_cut(asked.cut, max(job.steps for job in jobs.values()))
    manifests = read_manifests(database, jobs, tables_of(asked.names))
    known: dict[str, Names] = {}
    damaged: dict[str, str] = {}
    for job_id, manifest in manifests.items():
        try:
            known[job_id] = known_names(jobs[job_id], manifest)
        except InvalidSpec as error:
            if len(job_ids) == 1:
                raise
            damaged[job_id] = str(error)
    wanted = {job_id: matching(asked.names, names) for job_id, names in known.items()}
    check_matching(asked.names, known, wanted)
    _check_size(asked, wanted)
    series = {job_id: Series(jobs[job_id], database, objects) for job_id in job_ids if job_id in wanted}
    return _Found(series, manifests, wanted, gone, damaged)


def _jobs(database: Database, job_ids: Collection[str]) -> dict[str, Job]:
    with database.read() as connection:
        rows = connection.execute(query(tables.jobs).where(tables.jobs.c.id.in_(job_ids))).all()
    return {row.id: job_of(row) for row in rows}


def _answers(
    found: _Found, of_job: Callable[[Series, View], dict[str, Any]]
) -> dict[str, dict[str, Any] | DamagedObject]:
    return answers_of(list(found.asked.values()), found.manifests, of_job)


def _selected(view: View, names: Names, asked: Asked) -> Selected:
    parts = tuple(COLUMNS[column] for column in asked.columns)
    selected = select(view, names, replace(query_of(view, asked.cut), parts=parts))
    assert selected.next is None  # there are no more rows than points, and no more values than `_check_size` lets by
    return selected


def _columns(name: str, table: Table, asked: Asked) -> dict[str, NDArray[Any]]:
    """`step`, and each series by its full name: `train.loss`, `train.loss.min`."""
    return {
        "step": table.step,
        **({"time": table.time} if asked.time else {}),
        **{
            f"{name}.{series}{part}": rounded(parts[part if part in parts else LAST], asked.digits)
            for series, parts in table.columns.items()
            for part in (COLUMNS[column] for column in asked.columns)
        },
    }


def _check_size(asked: Asked, wanted: dict[str, Names]) -> None:
    number = sum(len(series) for names in wanted.values() for series in names.values()) * len(asked.columns)
    assert asked.cut.points is not None
    if asked.cut.points * number > PAGE_VALUES:
        most = PAGE_VALUES // number
        raise InvalidQuery("points", f"{asked.cut.points} points of {number} columns are too many: at most {most}")
