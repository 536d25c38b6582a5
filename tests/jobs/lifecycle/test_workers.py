"""Workers as they describe themselves, with what they train."""

from dataclasses import replace

from sqlalchemy import update

from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended
from jobs.lifecycle.workers import FORGOTTEN, WORKER_GONE, Run, Worker, announce, live_workers, runs, withdraw
from jobs.storage import tables
from jobs.storage.database import Database
from tests.support.workers import submit

FIRST = Worker("w1", "here", 1, 2, ("cpu",), 5.0, 0.0)
SECOND = replace(FIRST, id="w2", host="there", trouble="3 trainers in a row failed")


def heard_of_before(database: Database, worker: Worker, seconds: float) -> None:
    """As if so much time had passed since its last beat."""
    with database.write() as connection:
        which = tables.workers.c.id == worker.id
        connection.execute(update(tables.workers).where(which).values(beat=tables.workers.c.beat - seconds))


def test_the_workers_that_are_heard_of_are_live(database: Database) -> None:
    for worker in (SECOND, FIRST):
        announce(database, worker)
    assert [(each.id, each.trouble) for each in live_workers(database)] == [("w1", None), ("w2", SECOND.trouble)]
    heard_of_before(database, FIRST, WORKER_GONE + 1)
    assert [each.id for each in live_workers(database)] == ["w2"]
    withdraw(database, SECOND)
    assert live_workers(database) == ()


def test_one_that_was_not_heard_of_for_long_is_forgotten_by_the_next_beat(database: Database) -> None:
    announce(database, FIRST)
    heard_of_before(database, FIRST, FORGOTTEN + 1)
    announce(database, SECOND)
    heard_of_before(database, FIRST, -FORGOTTEN)
    assert [each.id for each in live_workers(database)] == ["w2"]


def test_each_worker_is_told_with_the_jobs_that_it_trains(database: Database) -> None:
    jobs = [submit(database, name=name) for name in ("a", "b", "c", "d")]
    for worker in (FIRST, SECOND, FIRST):
        assert attempts.claim(database, worker) is not None
    attempts.end(database, Hold(jobs[0].id, 1), Ended("succeeded"))
    with database.read() as connection:
        found = runs(connection)
    assert found == {
        "w1": (Run(jobs[2].id, "c", 1, 0, 300, None),),
        "w2": (Run(jobs[1].id, "b", 1, 0, 300, None),),
    }
