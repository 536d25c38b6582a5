"""A job's events read page by page."""

import time

import pytest

from jobs.errors import NotFound
from jobs.lifecycle.events import Event, record, warning
from jobs.lifecycle.history import page
from jobs.storage.database import Database
from tests.support.running_jobs import Run


def fill(database: Database, run: Run, number: int) -> None:
    """So many statuses, of which all are kept, and a warning."""
    with database.write() as connection:
        statuses = [Event("status", str(i), {"status": "queued"}) for i in range(number)]
        record(connection, {run.job.id: None}, [*statuses, warning("look")], by="client", now=time.time())


def test_ten_thousand_events_are_read_page_by_page_each_once(database: Database, run: Run) -> None:
    fill(database, run, 10_000)
    numbers: list[int] = []
    after: int | None = 0
    while after is not None:
        found = page(database, run.job.id, after=after, limit=1000)
        assert len(found.events) <= 1000
        numbers += [event.number for event in found.events]
        after = found.next
    assert numbers == list(range(1, 10_002))


def test_a_level_is_the_least_and_a_type_is_that_alone(database: Database, run: Run) -> None:
    fill(database, run, 3)
    assert [event.message for event in page(database, run.job.id, level="warning").events] == ["look"]
    assert page(database, run.job.id, level="error").events == ()
    assert [event.message for event in page(database, run.job.id, only="status", after=1).events] == ["1", "2"]


def test_of_a_job_that_is_not_there_nothing_is_read(database: Database) -> None:
    with pytest.raises(NotFound):
        page(database, "0000000000000")
