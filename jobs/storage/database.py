"""How a process opens the database, reads it and writes to it."""

import json
import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Engine, create_engine, event, func, literal, make_url, select
from sqlalchemy.exc import DBAPIError, OperationalError

from jobs.logs import about
from jobs.settings import Settings
from jobs.storage.schema_version import bring_up_to_date, refuse_newer
from jobs.storage.turns import Turns

_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_DISK_FULL = "53100"  # PostgreSQL's SQLSTATE
_AWAY = ("08", "57P", "40")  # how those begin of a lost connection, of a server that stops or starts, of a lost race
BUSY_TIMEOUT = 30.0  # seconds that a writer waits for SQLite's one write lock
LOOK = 0.002  # seconds between two looks whether SQLite's write lock is free
PATIENCE = 60.0  # seconds that a process waits, when it starts, for a server that starts too

log = logging.getLogger(__name__)


def _as_json(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # a whole number of more than 64 bits, or half a character, which may stand in metadata
        return json.dumps(value)


_JSON = {"json_serializer": _as_json, "json_deserializer": orjson.loads}
_SNAPSHOT: dict[str, dict[str, Any]] = {
    "sqlite": {"bnlab_read": True},
    "postgresql": {"isolation_level": "REPEATABLE READ"},
}


@dataclass(frozen=True)
class Database:
    """An open database: `read()` sees one snapshot, `write()` is one transaction."""

    engine: Engine
    data: Path
    """The folder of what is kept beside it."""
    series_names: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    """By a chunk's key the series in it, as far as this process has asked: they never change."""
    turn: "Turns | None" = field(default=None, compare=False, repr=False)
    """Held by who writes: SQLite's own waiting is a matter of luck, and writers of one process starve each other."""

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection on one consistent snapshot, which never waits for a writer."""
        with self.engine.connect() as connection:
            yield connection.execution_options(**_SNAPSHOT[self.engine.dialect.name])

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed at the end, rolled back on an error.

        SQLite's holds the write lock from its start; on PostgreSQL, what is read to be changed is read `FOR UPDATE`.
        """
        with self._own_turn(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        """Wait for the other writers of this process, no longer than for those of others."""
        if self.turn is None:
            yield
            return
        if not self.turn.acquire(timeout=BUSY_TIMEOUT):
            busy = sqlite3.OperationalError("database is locked")
            busy.sqlite_errorname = "SQLITE_BUSY"
            raise OperationalError("BEGIN IMMEDIATE", None, busy)
        try:
            yield
        finally:
            self.turn.release()

    def close(self) -> None:
        """Close every connection of the pool."""
        self.engine.dispose()


def open_database(settings: Settings) -> Database:
    """Open the database that the settings name, once its server answers, and bring its tables up to date.

    Raises DataFolderUnusable where a newer release has written it, and SQLAlchemyError.
    """
    database = connect(settings)
    try:
        _wait_for_server(database.engine)
        bring_up_to_date(database.engine, partial(lease_clock, database))
    except BaseException:
        database.close()
        raise
    return database


def connect(settings: Settings) -> Database:
    """The database that the settings name, as it is: no server is waited for, and no table is changed."""
    refuse_newer(settings)
    url = make_url(settings.resolved_database_url)
    if url.drivername == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT}, **_JSON)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return Database(engine, settings.data, turn=Turns())
    encoding = {"client_encoding": "utf8"}  # of a database in SQL_ASCII psycopg would give bytes
    url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url, connect_args=encoding, pool_pre_ping=True, **_JSON)
    return Database(engine, settings.data)


def lease_clock(database: Database) -> ColumnElement[Any]:
    """Seconds on the clock of the leases: the server's own or, embedded, one that a change of the wall clock leaves be.

    The latter starts with the machine.
    """
    if database.engine.dialect.name == "sqlite":
        return literal(time.clock_gettime(_SINCE_BOOT))
    return func.extract("epoch", func.clock_timestamp())


def now_on(database: Database, connection: Connection) -> float:
    """Now, on that clock; of an embedded database it need not be asked."""
    if database.engine.dialect.name == "sqlite":
        return time.clock_gettime(_SINCE_BOOT)
    return float(connection.scalar(select(lease_clock(database))) or 0.0)


def is_full(error: Exception) -> bool:
    """Whether the database could not write for want of room on its disk."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlite_errorname", "") == "SQLITE_FULL" or getattr(cause, "sqlstate", "") == _DISK_FULL


def is_away(error: Exception) -> bool:
    """Whether the database could not be reached, or did not get round to it: the same may succeed a moment later.

    What was being committed may or may not have been.
    """
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", "")  # psycopg's is None where there was no server to give one
    busy = getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")
    return busy or error.connection_invalidated or state is None or state.startswith(_AWAY)


def _wait_for_server(engine: Engine) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            engine.connect().close()
        except DBAPIError as error:
            if not is_away(error) or time.monotonic() > deadline:
                raise
            log.warning("waiting for the database: %s", error.orig, extra=about("database_awaited"))
            time.sleep(1.0)
        else:
            return


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where sqlite3 guesses
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads and then writes can fail midway; ours take the lock first.
    if connection.get_execution_options().get("bnlab_read", False):
        connection.exec_driver_sql("BEGIN")
        return
    own: sqlite3.Connection = connection.connection.dbapi_connection  # type: ignore[assignment]  # of any driver
    own.execute("PRAGMA busy_timeout = 0")
    try:
        _take_write_lock(own)
    except sqlite3.OperationalError as error:
        raise OperationalError("BEGIN IMMEDIATE", None, error) from error
    finally:
        own.execute(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT * 1000)}")


def _take_write_lock(connection: sqlite3.Connection) -> None:
    """Begin once no other process writes: most hold the lock for a few ms, and SQLite's own waiting sleeps for 100."""
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > deadline:
                raise
            time.sleep(LOOK)
        else:
            return
