"""The tables, and how a process opens the database that holds them. The row is the truth."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    create_engine,
    event,
)
from sqlalchemy import Table as SqlTable

from jobs.settings import Settings

BUSY_TIMEOUT = 30.0  # seconds that a writer waits for SQLite's one write lock

metadata = MetaData()

jobs = SqlTable(
    "jobs",
    metadata,
    Column("id", String, primary_key=True),
    Column("created", Float, nullable=False),
    Column("status", String, nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("spec", JSON, nullable=False),
    Column("spec_sha256", String, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("block_steps", Integer, nullable=False),
    Column("warnings", JSON, nullable=False),
    Column("requested_device", String, nullable=False),
    Column("device", String),
    Column("cancel_requested", Boolean, nullable=False, default=False),
    Column("lease_until", Float),
    Column("losses", Integer, nullable=False, default=0),
    Column("started", Float),
    Column("finished", Float),
    Column("step", Integer, nullable=False, default=0),
    Column("steps_per_second", Float),
    Column("latest", JSON, nullable=False),
    Column("error", JSON),
    Column("environment", JSON),
    Column("weights_sha256", String),
    Index("jobs_by_status", "status", "id"),
)

attempts = SqlTable(
    "attempts",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("worker", String, nullable=False),
    Column("host", String, nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float),
    Column("outcome", String),
)

chunks = SqlTable(
    "chunks",  # the manifest: a chunk exists once its row does
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("table", String, primary_key=True),
    Column("first", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("key", String, nullable=False),
    Column("series", JSON, nullable=False),  # {name: {count, first, last, min, max, nonfinite}}
)

checkpoints = SqlTable(
    "checkpoints",  # a checkpoint exists once its row does
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("key", String, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String, nullable=False),
)

probabilities = SqlTable(
    "probabilities",  # of trained networks on their test sets: float32 [examples, classes], as numpy's own files
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String, nullable=False),
)

experiments = SqlTable(
    "experiments",
    metadata,
    Column("id", String, primary_key=True),
    Column("created", Float, nullable=False),
    Column("document", JSON, nullable=False),
)

members = SqlTable(
    "members",  # which jobs an experiment consists of, and what sets each apart
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("experiment_id", ForeignKey("experiments.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("variant", String, nullable=False),
    Column("point", JSON, nullable=False),
    Column("seed", Integer, nullable=False),
)

workers = SqlTable(
    "workers",
    metadata,
    Column("id", String, primary_key=True),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("devices", JSON, nullable=False),  # ["cpu"] or ["cpu", "cuda"]
    Column("started", Float, nullable=False),
    Column("beat", Float, nullable=False),
)


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
