"""Which jobs there are, for tests."""

from sqlalchemy import select

from jobs.storage import tables
from jobs.storage.database import Database


def ids_of(database: Database) -> list[str]:
    """The ids of all jobs, the oldest first."""
    with database.read() as connection:
        return list(connection.scalars(select(tables.jobs.c.id).order_by(tables.jobs.c.id)))
