"""Writes that find no room, or no database, and what is said meanwhile."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from jobs.settings import Settings
from jobs.storage import room as module
from jobs.storage import waiting
from jobs.storage.database import Database, connect
from jobs.storage.objects.protocol import NoRoom
from jobs.storage.room import Room

FULL = "storage: the disk is full"


@pytest.fixture(autouse=True)
def looks_without_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK", 0.0)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return connect(Settings(data=tmp_path))


def busy() -> OperationalError:
    """What SQLite says to a writer that has waited for too long."""
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorname = "SQLITE_BUSY"
    return OperationalError("COMMIT", None, error)


def failing(*errors: Exception) -> Callable[[], str]:
    """A write that fails with each of these and then succeeds."""
    left = list(errors)

    def write() -> str:
        if left:
            raise left.pop(0)
        return "written"

    return write


def test_what_finds_room_is_written_at_once_and_nothing_is_said(database: Database) -> None:
    assert Room(database, "1", lambda: pytest.fail("it did not wait")).wait_for(failing()) == "written"
    assert waiting.marked(database) == set()


def test_what_finds_no_room_is_written_once_it_does_and_says_so_meanwhile(database: Database) -> None:
    said: list[str | None] = []
    room = Room(database, "1", lambda: said.append(waiting.reason_of(database, "1")))
    assert room.wait_for(failing(NoRoom(28, "No space left"), NoRoom(28, "No space left"))) == "written"
    assert said == [FULL, FULL]
    assert waiting.reason_of(database, "1") is None


def test_a_full_database_is_waited_for_as_a_full_store_is(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA page_size = 512"))
        connection.execute(text("PRAGMA max_page_count = 4"))
        said: list[str | None] = []

        def more_room() -> None:
            said.append(waiting.reason_of(database, "1"))
            connection.execute(text("PRAGMA max_page_count = 4000"))

        def write() -> None:
            connection.execute(text("CREATE TABLE large AS SELECT randomblob(100000) AS data"))

        Room(database, "1", more_room).wait_for(write)
        assert said == [FULL]


def test_a_database_that_is_away_is_waited_for_where_the_write_does_no_harm_twice(database: Database) -> None:
    looked: list[str | None] = []
    room = Room(database, "1", lambda: looked.append(waiting.reason_of(database, "1")))
    with pytest.raises(OperationalError):
        room.wait_for(failing(busy()))
    assert room.wait_for(failing(busy(), busy()), repeatable=True) == "written"
    assert looked == [None, None]  # it is not full


@pytest.mark.parametrize("error", [ValueError("a defect"), PermissionError(13, "not ours"), KeyError("a")])
def test_other_trouble_is_raised_at_once(database: Database, error: Exception) -> None:
    with pytest.raises(type(error)):
        Room(database, "1").wait_for(failing(error), repeatable=True)
    assert waiting.marked(database) == set()


def test_who_gives_up_while_it_waits_stops_waiting(database: Database) -> None:
    def give_up() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        Room(database, "1", give_up).wait_for(failing(NoRoom(28, "No space left")))


def test_a_slow_store_is_said_until_it_is_fast(database: Database) -> None:
    looked: list[int] = []
    room = Room(database, "1", lambda: looked.append(1))
    room.say_slow()
    assert waiting.reason_of(database, "1") == "storage: it is slower than the training, which waits for it"
    room.say_fast()
    assert (waiting.reason_of(database, "1"), looked) == (None, [1])
