"""What attempts hold, for how long still, and how long those took that have ended: read, never written."""

from sqlalchemy import and_, func, or_, select

from jobs.lifecycle.attempts import LEASE, Hold
from jobs.lifecycle.job import Status
from jobs.storage import tables
from jobs.storage.database import Database, lease_clock


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


def overdue(database: Database) -> tuple[Hold, ...]:
    """What is held by attempts whose lease is over, on whatever host; one beyond any lease is from before a reboot."""
    jobs, now = tables.jobs, lease_clock(database)
    is_over = or_(jobs.c.lease_until < now, jobs.c.lease_until > now + 2 * LEASE)
    query = select(jobs.c.id, jobs.c.attempt).where(jobs.c.status == Status.RUNNING, is_over)
    with database.read() as connection:
        return tuple(Hold(row.id, row.attempt) for row in connection.execute(query).all())


def seconds_spent(database: Database, job_id: str) -> float:
    """How long the attempts of a job took that have ended."""
    column = tables.attempts.c
    query = select(func.coalesce(func.sum(column.seconds), 0.0)).where(column.job_id == job_id)
    with database.read() as connection:
        return float(connection.scalar(query) or 0.0)
