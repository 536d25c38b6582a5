"""What running jobs say that they wait for."""

from pathlib import Path

import pytest

from jobs.settings import Settings
from jobs.storage import waiting
from jobs.storage.database import Database, connect


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Nothing of it is read: what waits may wait for the database itself."""
    return connect(Settings(data=tmp_path))


def test_a_job_that_said_nothing_waits_for_nothing(database: Database) -> None:
    waiting.clear(database, "1")
    assert waiting.reason_of(database, "1") is None
    assert waiting.marked(database) == set()


def test_a_full_disk_is_said_before_a_slow_store_and_each_is_cleared_by_itself(database: Database) -> None:
    waiting.mark(database, "1", "slow")
    waiting.mark(database, "1", "full")
    assert waiting.reason_of(database, "1") == "storage: the disk is full"
    waiting.clear(database, "1", "full")
    assert waiting.reason_of(database, "1") == "storage: it is slower than the training, which waits for it"
    assert waiting.reason_of(database, "2") is None


def test_all_that_a_job_waits_for_is_cleared_at_once(database: Database) -> None:
    for job_id in ("1", "host.example-2"):
        waiting.mark(database, job_id, "slow")
        waiting.mark(database, job_id, "full")
    assert waiting.marked(database) == {"1", "host.example-2"}
    waiting.clear(database, "1")
    assert waiting.marked(database) == {"host.example-2"}


def test_where_there_is_no_room_even_for_that_nothing_happens(tmp_path: Path) -> None:
    database = connect(Settings(data=tmp_path / "not there"))
    waiting.mark(database, "1", "full")
    assert waiting.reason_of(database, "1") is None
