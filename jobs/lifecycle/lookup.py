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
from jobs.lifecycle.workers import Moment, moment_of, reason
from jobs.spec.engines import Choice
from jobs.spec.resolved import Resolved
from jobs.storage import tables, waiting
from jobs.storage.database import Database

# Columns that are no part of a job as a value, or of what it asks for.
_UNSEEN = frozenset({"requested_device", "lease_until", "watched_until", "latest", *FACETS})
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
    query = select(tables.attempts).where(tables.attempts.c.job_id == job_id).order_by(tables.attempts.c.number)
    with database.read() as connection:
        rows = connection.execute(query).all()
    return tuple(
        Attempt(row.number, row.worker, row.host, row.started, row.ended, row.outcome, row.output) for row in rows
    )


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
    dataset = Dataset(**{**facts, "shape": tuple(facts["shape"])})
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
    moment = moment_of(database, connection) if job.status is Status.QUEUED else None
    (found,) = all_shown(database, connection, (job,), moment)
    return found if moment is None else replace(found, ahead=ahead_of(connection, job, moment))


def all_shown(
    database: Database, connection: Connection, jobs: tuple[Job, ...], moment: Moment | None = None
) -> tuple[Job, ...]:
    """The same of several jobs, which asks no more of the database than of one, but not how many are ahead of each."""
    asked = [Waiting(job.id, job.status, job.device or job.resolved.device, job.not_before) for job in jobs]
    waits = waiting_for(database, connection, asked, moment)
    reached = scores.of_jobs(connection, [job.id for job in jobs])
    return tuple(replace(job, scores=reached.get(job.id, {}), waiting_for=waits.get(job.id)) for job in jobs)


@dataclass(frozen=True)
class Waiting:
    """What says of a job what it waits for."""

    id: str
    status: Status
    device: str
    not_before: float | None


def waiting_for(
    database: Database, connection: Connection, jobs: Sequence[Waiting], moment: Moment | None = None
) -> dict[str, str]:
    """What each of these jobs waits for now, of those that wait for anything. moment: now, where that is known."""
    queued = [job for job in jobs if job.status is Status.QUEUED]
    if moment is None and queued:
        moment = moment_of(database, connection)
    found = {job.id: reason(job.device, job.not_before, moment) for job in queued if moment is not None}
    running = {job.id: waiting.reason_of(database, job.id) for job in jobs if job.status is Status.RUNNING}
    return found | {job_id: said for job_id, said in running.items() if said is not None}
