"""What jobs went through, for tests that ask the database itself."""

from typing import Any

from sqlalchemy import Row, select

from jobs.storage import tables
from jobs.storage.database import Database


def events_of(database: Database, job_id: str) -> list[Row[Any]]:
    """A job's events, the first one first."""
    query = select(tables.events).where(tables.events.c.job_id == job_id).order_by(tables.events.c.number)
    with database.read() as connection:
        return list(connection.execute(query).all())


def statuses_of(database: Database, job_id: str) -> list[str]:
    """The statuses that a job's events tell of, the first one first."""
    return [event.data["status"] for event in events_of(database, job_id) if event.type == "status"]
