"""The queue in numbers, which agree with the order in which workers claim."""

import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text, update

from jobs.lifecycle import attempts, clients, lookup
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended
from jobs.lifecycle.queue import MOST_AHEAD, Queue, ahead_of, queue_of
from jobs.lifecycle.workers import Worker, announce, moment_of
from jobs.settings import Settings
from jobs.storage import tables
from jobs.storage.database import Database, open_database
from tests.support import workers
from tests.support.running_jobs import waits_are_over

CPU = Worker("w1", "here", 1, 1, ("cpu",), 0.0, 0.0)
CUDA = replace(CPU, id="w2", devices=("cpu", "cuda"))


def submit(database: Database, device: str = "auto") -> str:
    return workers.submit(database, resources={"device": device, "engine": "eager"}).id


def ahead(database: Database, job_id: str) -> int | None:
    return lookup.get(database, job_id).ahead


def queue(database: Database, seconds: float = 0.0) -> Queue:
    """The queue as it will be in so many seconds."""
    with database.read() as connection:
        return queue_of(connection, time.time() + seconds)


@pytest.mark.parametrize("worker", [CPU, CUDA, None])
def test_so_many_jobs_are_ahead_of_one_as_are_claimed_before_it(database: Database, worker: Worker | None) -> None:
    ids = [submit(database, device) for device in ("auto", "cuda", "cpu", "auto", "cuda", "cpu", "auto")]
    if worker:
        announce(database, worker)
    told = {job_id: ahead(database, job_id) for job_id in ids}
    claimed: list[str] = []
    while (job := attempts.claim(database, worker or CUDA)) is not None:
        claimed.append(job.id)
    assert len(claimed) == (7 if worker is not CPU else 5)
    if worker:
        assert [told[job_id] for job_id in claimed] == list(range(len(claimed)))
    else:  # where no worker is, those that could run where it can
        assert list(told.values()) == [0, 1, 1, 3, 3, 3, 6]


def test_what_runs_waits_for_its_next_try_or_has_ended_is_not_ahead(database: Database) -> None:
    lost, running, cancelled, paused, last = (submit(database) for _ in range(5))
    for expected in (lost, running):
        job = attempts.claim(database, CPU)
        assert job is not None
        assert job.id == expected
    attempts.end(database, Hold(lost, 1), Ended("lost", reason="gone"))
    clients.ask(database, cancelled, "cancel")
    clients.ask(database, paused, "pause")
    assert ahead(database, last) == 0
    assert [ahead(database, each) for each in (running, cancelled, paused)] == [None] * 3
    waits_are_over(database)
    assert ahead(database, last) == 1


def test_behind_very_many_it_is_said_that_there_are_so_many_or_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [submit(database) for _ in range(5)]
    assert MOST_AHEAD == 1000
    monkeypatch.setattr("jobs.lifecycle.queue.MOST_AHEAD", 3)
    assert [ahead(database, each) for each in ids] == [0, 1, 2, 3, 3]


def test_what_is_ahead_is_counted_without_reading_a_row(tmp_path: Path) -> None:
    """The documents of 10,000 jobs are long: the index has all that is asked for, as SQLite says beforehand."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    with closing(open_database(Settings(data=tmp_path))) as database, database.read() as connection:
        job = workers.submit(database)
        now = moment_of(database, connection)
        event.listen(database.engine, "before_cursor_execute", note)
        ahead_of(connection, job, now)
        event.remove(database.engine, "before_cursor_execute", note)
        ((statement, parameters),) = asked
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert "USING COVERING INDEX jobs_by_status (status=? AND id<?)" in str(plan)


def test_the_queue_is_as_old_as_its_first_job_has_been_in_it(database: Database) -> None:
    assert queue(database) == Queue(0, 0, 0, None, 0.0)
    first, second = submit(database), submit(database)
    with database.write() as connection:
        connection.execute(update(tables.events).values(time=tables.events.c.time - 100))
        connection.execute(update(tables.jobs).where(tables.jobs.c.id == second).values(created=0.0))
    seconds = queue(database).oldest_seconds
    assert seconds is not None
    assert 100 <= seconds < 160
    clients.ask(database, first, "pause")
    clients.ask(database, first, "resume")
    later = queue(database, 1000).oldest_seconds  # it is claimed next, and has only just come back
    assert later is not None
    assert 1000 <= later < 1060


def test_a_job_that_a_release_without_events_has_queued_waits_since_it_was_made(database: Database) -> None:
    submit(database)
    with database.write() as connection:
        connection.execute(text("DELETE FROM events"))
    seconds = queue(database, 50).oldest_seconds
    assert seconds is not None
    assert 50 <= seconds < 110


def test_jobs_that_have_not_ended_are_counted_and_their_speeds_added(database: Database) -> None:
    ids = [submit(database) for _ in range(5)]
    for _ in range(2):
        attempts.claim(database, CPU)
    clients.ask(database, ids[4], "pause")
    with database.write() as connection:
        connection.execute(update(tables.jobs).values(steps_per_second=12.5))
    now = queue(database)
    assert (now.queued, now.running, now.paused, now.steps_per_second) == (2, 2, 1, 25.0)
