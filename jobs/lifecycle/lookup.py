"""Jobs looked at: rows come back as values. `jobs.lists` has many of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from jobs.datasets.catalogue import CATALOGUE, Dataset
from jobs.errors import Gone, NotFound
from jobs.lifecycle import scores
from jobs.lifecycle.job import Attempt, Job, JobError, Status
from jobs.lifecycle.labels import FACETS
from jobs.lifecycle.queue import ahead_of
from jobs.lifecycle.workers import moment_of, reason
from jobs.spec.engines import Choice
from jobs.spec.resolved import Resolved
from jobs.storage import tables, waiting
from jobs.storage.database import Database

# Columns that are no part of a job as a value, or of what it asks for.
_UNSEEN = frozenset({"requested_device", "lease_until", "watched_until", "latest", "version", *FACETS})
_RESOLVED = frozenset({"spec", "spec_sha256", "dataset", "steps", "block_steps", "warnings", "engine", "engine_reason"})

BY = {"client": "a client", "retention": "the retention"}  # who deletes jobs


_MEMBERS = tables.members.c
EXPERIMENT = (
    select(_MEMBERS.experiment_id).where(_MEMBERS.job_id == tables.jobs.c.id).scalar_subquery().label("experiment")
)
"""Of the row of a job, the experiment that it belongs to."""


def get(database: Database, job_id: str) -> Job:
    """The job as it stands. Raises NotFound."""
    with database.read() as connection:
        return shown(database, connection, get_within(connection, job_id))


def attempts_of(database: Database, job_id: str) -> tuple[Attempt, ...]:
    """A job's attempts, the first one first."""
    with database.read() as connection:
        return attempts_within(connection, job_id)


def attempts_within(connection: Connection, job_id: str) -> tuple[Attempt, ...]:
    """The same, as a transaction sees them."""
    column = tables.attempts.c
    said = (column.number, column.worker, column.host, column.started, column.ended, column.outcome, column.output)
    query = select(*said).where(column.job_id == job_id).order_by(column.number)
    return tuple(Attempt(*row) for row in connection.execute(query))


def job_of(row: Row[Any]) -> Job:
    """The value of a row of the table of jobs, whatever else the row has."""
    names = (column.name for column in tables.jobs.columns)
    values = {name: row._mapping[name] for name in names if name not in _UNSEEN | _RESOLVED}
    error = values.pop("error")
    return Job(
        **{
            **values,
            "experiment": row._mapping.get("experiment"),
            "status": Status(values["status"]),
            "resolved": _resolved(row),
            "differs": tuple(values["differs"]),
            "error": JobError(**error) if error else None,
        }
    )


def _resolved(row: Row[Any]) -> Resolved:
    facts = row.dataset or _facts(row.spec["data"]["dataset"])
    dataset = Dataset.of(facts)
    engine = Choice(row.engine, row.engine_reason)
    return Resolved(row.spec, dataset, row.spec_sha256, row.block_steps, engine, tuple(row.warnings))


def _facts(name: str) -> dict[str, Any]:
    """What is known of a dataset whose row has no facts, as a server of an earlier release made it.

    Of one that nobody knows any more there is nothing: its job can be shown, and fails where it would have to be run.
    """
    entry = CATALOGUE.get(name)
    return asdict(entry.dataset if entry else Dataset(name, (0, 0, 0), 0, 0, 0))


def not_there(connection: Connection, job_id: str) -> NotFound:
    """What to raise where there is no job of an id: it was deleted, or never was."""
    row = connection.execute(select(tables.deleted).where(tables.deleted.c.id == job_id)).one_or_none()
    if row is not None:
        when = datetime.fromtimestamp(row.at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        return Gone(f"job '{job_id}' was deleted at {when} by {BY.get(row.by, row.by)}")
    return NotFound(f"there is no job '{job_id}'")


def get_within(connection: Connection, job_id: str, *, to_change: bool = False) -> Job:
    """The job as a transaction sees it; `to_change`: nobody else changes it before the end. Raises NotFound."""
    query = select(tables.jobs, EXPERIMENT).where(tables.jobs.c.id == job_id)
    row = connection.execute(query.with_for_update() if to_change else query).one_or_none()
    if row is None:
        raise not_there(connection, job_id)
    return job_of(row)


def shown(database: Database, connection: Connection, job: Job) -> Job:
    """The job with what its own row does not say: where its metrics stand, what it waits for now, and how many too."""
    reached = scores.of_jobs(connection, [job.id])
    return in_line(database, connection, replace(job, scores=reached.get(job.id, {})))


def in_line(database: Database, connection: Connection, job: Job) -> Job:
    """The job with what it waits for now; of one that is queued, also how many are ahead of it."""
    if job.status is not Status.QUEUED:
        return replace(job, waiting_for=standing(database, job))
    moment = moment_of(database, connection)
    waits = reason(job.device or job.resolved.device, job.not_before, moment)
    return replace(job, waiting_for=waits, ahead=ahead_of(connection, job, moment))


def standing(database: Database, job: "Job | Waiting") -> str | None:
    """Why a running job stands still."""
    return waiting.reason_of(database, job.id) if job.status is Status.RUNNING else None


@dataclass(frozen=True)
class Waiting:
    """What says of a job what it waits for."""

    id: str
    status: Status
    device: str
    not_before: float | None


def waiting_for(database: Database, connection: Connection, jobs: Sequence[Waiting]) -> dict[str, str]:
    """What each of these jobs waits for now, of those that wait for anything."""
    queued = [job for job in jobs if job.status is Status.QUEUED]
    moment = moment_of(database, connection) if queued else None
    found = {job.id: reason(job.device, job.not_before, moment) for job in queued if moment is not None}
    return found | {job.id: said for job in jobs if (said := standing(database, job)) is not None}
