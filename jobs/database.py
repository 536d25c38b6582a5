"""How a process opens the database, reads it and writes to it."""

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, create_engine, event, func, literal

from jobs.settings import Settings
from jobs.tables import metadata

_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
BUSY_TIMEOUT = 30.0  # seconds that a writer waits for SQLite's one write lock


@dataclass(frozen=True)
class Database:
    """An open database: `read()` sees one snapshot, `write()` is one transaction."""

    engine: Engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection on one consistent snapshot, which never waits for a writer."""
        with self.engine.connect().execution_options(bnlab_read=True) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its start; committed at the end, rolled back on an error."""
        with self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection of the pool."""
        self.engine.dispose()


def open_database(settings: Settings) -> Database:
    """Open the database that the settings name, and make the tables that it lacks."""
    url = settings.resolved_database_url
    if not url.startswith("sqlite"):
        engine = create_engine(url)
    else:
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    metadata.create_all(engine)
    return Database(engine)


def lease_clock(database: Database) -> ColumnElement[Any]:
    """Seconds on the clock of the leases: the server's own or, embedded, one that a change of the wall clock leaves be.

    The latter starts with the machine.
    """
    if database.engine.dialect.name == "sqlite":
        return literal(time.clock_gettime(_SINCE_BOOT))
    return func.extract("epoch", func.clock_timestamp())


def is_full(error: Exception) -> bool:
    """Whether a write failed for want of room on the disk, in a file or in SQLite."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(getattr(error, "orig", None), "sqlite_errorname", "") == "SQLITE_FULL"


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where sqlite3 guesses
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads and then writes can fail midway; ours take the lock first.
    read = connection.get_execution_options().get("bnlab_read", False)
    connection.exec_driver_sql("BEGIN" if read else "BEGIN IMMEDIATE")
