"""What clients do to experiments: make one, look at it, cancel it, add seeds, delete it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from jobs.errors import FieldError, InvalidSpec, NotAllowed, NotFound
from jobs.experiments.document import ExperimentSpec, Member
from jobs.experiments.members import Planned
from jobs.experiments.planned import number_of_jobs
from jobs.experiments.question import stored
from jobs.lifecycle.clients import apply, lock_experiment, queued_row, remove_rows
from jobs.lifecycle.events import CLIENT
from jobs.lifecycle.job import TERMINAL, Job, Status, new_id
from jobs.lifecycle.lookup import job_of
from jobs.lifecycle.moves import make
from jobs.lists.cursors import ListOf
from jobs.lists.filters import ExperimentFilter
from jobs.lists.pages import page_of_experiments
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects


@dataclass(frozen=True)
class Experiment:
    """An experiment's row, with its jobs by what sets each apart, in the order in which they were made."""

    id: str
    created: float  # seconds since 1970
    spec: ExperimentSpec
    jobs: tuple[tuple[Member, Job], ...]

    @property
    def deleted(self) -> int:
        """How many of the jobs that it was to have are not there any more."""
        return number_of_jobs(self.spec) - len(self.jobs)


@dataclass(frozen=True)
class Brief:
    """An experiment, how many of its jobs stand where, and how many were deleted."""

    id: str
    created: float
    name: str | None
    jobs: dict[Status, int]
    deleted: int


def submit(database: Database, spec: ExperimentSpec, planned: Planned) -> Experiment:
    """Make an experiment and queue all its jobs, or none. Raises InvalidSpec where a dataset was deleted meanwhile."""
    now = time.time()
    experiment_id = new_id(now)
    with database.write() as connection:
        row = {"id": experiment_id, "created": now, "name": spec.name, "document": spec.model_dump(mode="json")}
        connection.execute(insert(tables.experiments).values(row))
        _queue(connection, experiment_id, planned, now)
        return _get(connection, experiment_id)


def get(database: Database, experiment_id: str, known: Mapping[str, Job] = MappingProxyType({})) -> Experiment:
    """The experiment as it stands; known: by id, jobs whose rows need not be read again. Raises NotFound."""
    with database.read() as connection:
        return _get(connection, experiment_id, known)


def list_experiments(
    database: Database, asked: ExperimentFilter, *, limit: int, cursor: str | None = None
) -> tuple[tuple[Brief, ...], str | None]:
    """At most `limit` experiments, newest first, and the cursor of the next page, if there is one.

    Raises InvalidQuery for a cursor of another list.
    """
    members, jobs = tables.members, tables.jobs
    counted = select(members.c.experiment_id, jobs.c.status, func.count()).join(jobs, jobs.c.id == members.c.job_id)
    with database.read() as connection:
        page = page_of_experiments(connection, ListOf(asked), limit=limit, cursor=cursor)
        rows, ids = page.rows, [row.id for row in page.rows]
        grouped = counted.where(members.c.experiment_id.in_(ids)).group_by(members.c.experiment_id, jobs.c.status)
        counts = connection.execute(grouped).all()
    found: dict[str, dict[Status, int]] = {row.id: {} for row in rows}
    for experiment_id, status, number in counts:
        found[experiment_id][Status(status)] = number
    return tuple(_summary(row, found[row.id]) for row in rows), page.next


def add_seeds(database: Database, experiment: Experiment, planned: Planned, seeds: int) -> Experiment:
    """Queue the jobs of further seeds, `seeds` being how many there are then.

    Raises NotFound, InvalidSpec where a dataset is another one now than the jobs so far were trained on, and NotAllowed
    where somebody else has added seeds since the experiment was looked at.
    """
    _require_the_same_data(experiment, planned)
    document = experiment.spec.model_copy(update={"seeds": seeds}).model_dump(mode="json")
    with database.write() as connection:
        lock_experiment(connection, experiment.id)
        if _get(connection, experiment.id).spec.seeds != experiment.spec.seeds:
            raise NotAllowed(f"seeds were added to experiment {experiment.id} a moment ago; look at it again")
        changed = update(tables.experiments).where(tables.experiments.c.id == experiment.id)
        connection.execute(changed.values(document=document))
        _queue(connection, experiment.id, planned, time.time())
        return _get(connection, experiment.id)


def cancel(database: Database, experiment_id: str) -> Experiment:
    """Cancel its queued jobs at once and ask the workers of the running ones to stop. Raises NotFound."""
    members = tables.members.c
    with database.write() as connection:
        lock_experiment(connection, experiment_id)
        of_it = tables.jobs.c.id.in_(select(members.job_id).where(members.experiment_id == experiment_id))
        # Or one that goes from running to queued meanwhile would be met in neither status.
        connection.execute(select(tables.jobs.c.id).where(of_it).order_by(tables.jobs.c.id).with_for_update())
        apply(connection, of_it, "cancel")
        return _get(connection, experiment_id)


def remove(database: Database, objects: Objects, experiment_id: str) -> None:
    """Delete an experiment with its jobs and everything that they recorded. Raises NotFound, NotAllowed.

    The rows go first: what is left of the objects after a crash belongs to nobody and is never read.
    """
    with database.write() as connection:
        lock_experiment(connection, experiment_id)
        experiment = _get(connection, experiment_id)
        alive = sum(job.status not in TERMINAL for _, job in experiment.jobs)
        if alive:
            raise NotAllowed(
                f"experiment {experiment_id} cannot be deleted: {alive} of its jobs have not ended; cancel it first"
            )
        ids = [job.id for _, job in experiment.jobs]
        remove_rows(connection, ids)
        connection.execute(delete(tables.experiments).where(tables.experiments.c.id == experiment_id))
    for job_id in ids:
        objects.delete_owned(job_id)


def _queue(connection: Connection, experiment_id: str, planned: Planned, now: float) -> None:
    """One seed of every variant before the next seed, so that what they differ in shows early."""
    queue = sorted(planned, key=lambda each: each[0].seed)
    # Whole milliseconds apart, so that the ids, by which the queue is ordered, are in this order.
    first = floor(now * 1000)
    rows = [queued_row(resolved, (first + i) / 1000) for i, (_, resolved) in enumerate(queue)]
    rows = _under_new_ids(connection, rows)
    make(connection, rows, by=CLIENT)
    members = [
        {"job_id": row["id"], "experiment_id": experiment_id, **vars(member)}
        for row, (member, _) in zip(rows, queue, strict=True)
    ]
    connection.execute(insert(tables.members), members)


def _under_new_ids(connection: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """These rows, under ids that no job has: those of two large experiments of one second may meet by chance."""
    jobs = tables.jobs.c
    while taken := set(connection.scalars(select(jobs.id).where(jobs.id.in_([row["id"] for row in rows])))):
        rows = [row | {"id": new_id(row["created"])} if row["id"] in taken else row for row in rows]
    return rows


def _require_the_same_data(experiment: Experiment, planned: Planned) -> None:
    """Raise InvalidSpec where a name means another dataset now: seeds of one group would not be comparable."""
    trained_on = {job.resolved.dataset.name: job.resolved.dataset.sha256 for _, job in experiment.jobs}
    for _, resolved in planned:
        name, now = resolved.dataset.name, resolved.dataset.sha256
        if trained_on.get(name, now) not in (now, ""):  # jobs of earlier releases do not say which
            told = (
                f"dataset '{name}' has SHA-256 {now} now, and the experiment's jobs have trained on {trained_on[name]}"
            )
            raise InvalidSpec((FieldError("/seeds", told),))


def _get(connection: Connection, experiment_id: str, known: Mapping[str, Job] = MappingProxyType({})) -> Experiment:
    row = connection.execute(select(tables.experiments).where(tables.experiments.c.id == experiment_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no experiment '{experiment_id}'")
    column = tables.members.c
    query = select(column.job_id, column.variant, column.point, column.seed).order_by(column.job_id)
    members = {
        job_id: Member(*what)
        for job_id, *what in connection.execute(query.where(column.experiment_id == experiment_id))
    }
    unknown = select(tables.jobs).where(tables.jobs.c.id.in_(members.keys() - known.keys()))
    jobs = {**known, **{row.id: job_of(row) for row in connection.execute(unknown).all()}}
    found = tuple((member, jobs[job_id]) for job_id, member in members.items())
    return Experiment(row.id, row.created, _stored_spec(row.document), found)


def _summary(row: Row[Any], jobs: dict[Status, int]) -> Brief:
    deleted = number_of_jobs(_stored_spec(row.document)) - sum(jobs.values())
    return Brief(row.id, row.created, row.document["name"], jobs, deleted)


def _stored_spec(document: dict[str, Any]) -> ExperimentSpec:
    """The specification, unchecked: it was resolved once, maybe by a release that took what is refused now.

    What a document of an earlier release does not say has its default.
    """
    return ExperimentSpec.model_construct(**document | stored(document))
