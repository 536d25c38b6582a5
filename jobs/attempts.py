"""What workers do to jobs: claim, beat, finish, and take up what others lost. Every write is fenced by the attempt."""

import time
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, delete, func, insert, literal, or_, select, update

from jobs import database as tables
from jobs.database import Database
from jobs.errors import AttemptLost
from jobs.job import Job, JobError, Status, origins
from jobs.objects import Stored
from jobs.store import Worker, job_of

BEAT = 2.0  # seconds between two beats of a supervisor
LEASE = 15.0  # seconds that a claim or a beat holds a job
MAX_LOSSES = 3  # attempts lost in a row before the job itself is blamed


@dataclass(frozen=True)
class Hold:
    """A job held by one attempt: the pair that every write names."""

    job_id: str
    attempt: int


def claim(database: Database, worker: Worker) -> Job | None:
    """Take the oldest queued job that this worker can run, raise its attempt, and hide what follows its checkpoint."""
    jobs, now = tables.jobs, time.time()
    device = or_(jobs.c.device.in_(worker.devices), and_(jobs.c.device.is_(None), _suits(worker)))
    oldest = select(jobs.c.id).where(jobs.c.status == Status.QUEUED, device).order_by(jobs.c.id).limit(1)
    taken = (
        update(jobs)
        .where(jobs.c.id == oldest.with_for_update(skip_locked=True).scalar_subquery())
        .where(jobs.c.status == Status.QUEUED)
        .values(
            status=Status.RUNNING,
            attempt=jobs.c.attempt + 1,
            lease_until=now + LEASE,
            started=now,
            step=func.coalesce(_newest_checkpoint(jobs.c.id), 0),
            steps_per_second=None,
            latest={},
            weights_sha256=None,
        )
        .returning(jobs)
    )
    with database.write() as connection:
        row = connection.execute(taken).one_or_none()
        if row is None:
            return None
        job = job_of(row)
        attempt = {"job_id": job.id, "number": job.attempt, "worker": worker.id, "host": worker.host, "started": now}
        connection.execute(insert(tables.attempts).values(attempt))
        newest = connection.scalar(select(_newest_checkpoint(literal(job.id))))
        clip(connection, job.id, -1 if newest is None else newest)
        return job


def clip(connection: Connection, job_id: str, step: int) -> None:
    """Hide what a job recorded after a step: all where it is -1, else that of a checkpoint, which no chunk crosses."""
    chunks, checkpoints, probabilities = tables.chunks.c, tables.checkpoints.c, tables.probabilities.c
    connection.execute(delete(tables.chunks).where(chunks.job_id == job_id, chunks.first > step))
    connection.execute(delete(tables.checkpoints).where(checkpoints.job_id == job_id, checkpoints.step > step))
    connection.execute(delete(tables.probabilities).where(probabilities.job_id == job_id))


def fenced(hold: Hold) -> ColumnElement[bool]:
    """The condition of every write by an attempt: it still holds its job."""
    jobs = tables.jobs
    return and_(jobs.c.id == hold.job_id, jobs.c.attempt == hold.attempt, jobs.c.status == Status.RUNNING)


def write_row(connection: Connection, hold: Hold, **values: Any) -> None:
    """Change the held job's row. Raises AttemptLost where another attempt, or an ending, came in between."""
    if connection.execute(update(tables.jobs).where(fenced(hold)).values(values)).rowcount == 0:
        raise AttemptLost(f"attempt {hold.attempt} no longer holds job {hold.job_id}")


def beat(database: Database, hold: Hold) -> None:
    """Renew the lease. Raises AttemptLost."""
    with database.write() as connection:
        write_row(connection, hold, lease_until=time.time() + LEASE)


def cancel_requested(database: Database, hold: Hold) -> bool:
    """Whether somebody asked to cancel the held job. Raises AttemptLost."""
    with database.read() as connection:
        row = connection.execute(select(tables.jobs.c.cancel_requested).where(fenced(hold))).one_or_none()
    if row is None:
        raise AttemptLost(f"attempt {hold.attempt} no longer holds job {hold.job_id}")
    return bool(row.cancel_requested)


def record_start(database: Database, hold: Hold, device: str, environment: dict[str, Any]) -> None:
    """Pin the device that was found, and keep the environment that the attempt runs in. Raises AttemptLost."""
    with database.write() as connection:
        write_row(connection, hold, device=device, environment=environment)


def record_progress(
    database: Database, hold: Hold, step: int, steps_per_second: float | None, latest: dict[str, float | None]
) -> None:
    """Show how far the attempt is. Raises AttemptLost."""
    with database.write() as connection:
        write_row(connection, hold, step=step, steps_per_second=steps_per_second, latest=latest)


def record_weights(database: Database, hold: Hold, sha256: str) -> None:
    """Keep the checksum of the final weights. Raises AttemptLost."""
    with database.write() as connection:
        write_row(connection, hold, weights_sha256=sha256)


def record_probabilities(database: Database, hold: Hold, stored: Stored) -> None:
    """Keep where the probabilities on the test set are. Raises AttemptLost."""
    with database.write() as connection:
        write_row(
            connection, hold, cancel_requested=tables.jobs.c.cancel_requested
        )  # holds the job, and changes nothing
        connection.execute(insert(tables.probabilities).values(job_id=hold.job_id, **asdict(stored)))


def finish(database: Database, hold: Hold, status: Status, error: JobError | None = None) -> None:
    """End the job: succeeded, failed (with its error) or cancelled. Raises AttemptLost."""
    assert Status.RUNNING in origins(status)
    now = time.time()
    with database.write() as connection:
        write_row(
            connection, hold, status=status, finished=now, lease_until=None, error=asdict(error) if error else None
        )
        _end_attempt(connection, hold, now, status)


def drain(database: Database, hold: Hold) -> None:
    """Give the job back to the queue, uncounted: its worker leaves. Raises AttemptLost.

    One that somebody asked to cancel meanwhile is cancelled.
    """
    now, jobs = time.time(), tables.jobs
    with database.write() as connection:
        asked = connection.execute(select(jobs.c.cancel_requested).where(fenced(hold))).scalar_one_or_none()
        ending = {"status": Status.CANCELLED, "finished": now} if asked else {"status": Status.QUEUED}
        write_row(connection, hold, lease_until=None, **ending)
        _end_attempt(connection, hold, now, "drained")


def lose(database: Database, hold: Hold, reason: str) -> None:
    """The attempt's process is gone: queue the job again, cancel it if that was asked, or fail it as poison.

    Raises AttemptLost where the attempt no longer holds its job.
    """
    jobs, now = tables.jobs, time.time()
    poison = JobError(
        "poison",
        f"{MAX_LOSSES} attempts in a row were lost ({reason}); something in the job ends its process: "
        "look at the worker's log, and try a smaller batch or network",
    )
    with database.write() as connection:
        row = connection.execute(select(jobs).where(fenced(hold))).one_or_none()
        if row is None:
            raise AttemptLost(f"attempt {hold.attempt} no longer holds job {hold.job_id}")
        losses = row.losses + 1
        if row.cancel_requested:
            write_row(connection, hold, status=Status.CANCELLED, finished=now, lease_until=None)
        elif losses >= MAX_LOSSES:
            ending = {"status": Status.FAILED, "finished": now, "error": asdict(poison)}
            write_row(connection, hold, losses=losses, lease_until=None, **ending)
        else:
            write_row(connection, hold, losses=losses, status=Status.QUEUED, lease_until=None)
        _end_attempt(connection, hold, now, f"lost: {reason}")


def running_on(database: Database, host: str) -> tuple[tuple[Hold, str], ...]:
    """What attempts of this host hold, each with the id of its worker."""
    jobs, attempts = tables.jobs, tables.attempts
    current = and_(attempts.c.job_id == jobs.c.id, attempts.c.number == jobs.c.attempt)
    query = (
        select(jobs.c.id, jobs.c.attempt, attempts.c.worker)
        .join_from(jobs, attempts, current)
        .where(jobs.c.status == Status.RUNNING, attempts.c.host == host)
    )
    with database.read() as connection:
        return tuple((Hold(row.id, row.attempt), row.worker) for row in connection.execute(query).all())


def something_queued(database: Database) -> bool:
    """Whether any job waits."""
    query = select(tables.jobs.c.id).where(tables.jobs.c.status == Status.QUEUED).limit(1)
    with database.read() as connection:
        return connection.execute(query).first() is not None


def overdue(database: Database) -> tuple[Hold, ...]:
    """What is held by attempts whose lease is over, on whatever host."""
    jobs = tables.jobs
    query = select(jobs.c.id, jobs.c.attempt).where(jobs.c.status == Status.RUNNING, jobs.c.lease_until < time.time())
    with database.read() as connection:
        return tuple(Hold(row.id, row.attempt) for row in connection.execute(query).all())


def announce(database: Database, worker: Worker) -> None:
    """Say that this worker is alive."""
    values = {**asdict(worker), "devices": list(worker.devices), "beat": time.time()}
    with database.write() as connection:
        if (
            connection.execute(update(tables.workers).where(tables.workers.c.id == worker.id).values(values)).rowcount
            == 0
        ):
            connection.execute(insert(tables.workers).values(values))


def withdraw(database: Database, worker: Worker) -> None:
    """Say that this worker has left."""
    with database.write() as connection:
        connection.execute(delete(tables.workers).where(tables.workers.c.id == worker.id))


def _newest_checkpoint(job_id: ColumnElement[str]) -> ScalarSelect[int]:
    column = tables.checkpoints.c
    return select(func.max(column.step)).where(column.job_id == job_id).scalar_subquery()


def _suits(worker: Worker) -> ColumnElement[bool]:
    return tables.jobs.c.requested_device.in_(("auto", *worker.devices))


def _end_attempt(connection: Connection, hold: Hold, now: float, outcome: str) -> None:
    attempts = tables.attempts
    at = and_(attempts.c.job_id == hold.job_id, attempts.c.number == hold.attempt)
    connection.execute(update(attempts).where(at).values(ended=now, outcome=outcome))
