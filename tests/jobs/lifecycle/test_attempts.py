"""A job between its workers: taken once, written to by its holder alone, given back, lost, ended."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update

from jobs.errors import AttemptLost
from jobs.lifecycle import attempts, clients, lookup, queue
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import MAX_LOSSES, Hold
from jobs.lifecycle.job import Ended, Job, Status
from jobs.lifecycle.workers import FORGOTTEN, WORKER_GONE, Worker, announce, live_workers, moment_of, withdraw
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Stored
from tests.support.running_jobs import AS_STORED, waits_are_over


def worker(*devices: str) -> Worker:
    return Worker("w", "here", 1, 1, devices or ("cpu",), time.time(), time.time())


def submit(database: Database, **document: object) -> Job:
    return clients.submit(
        database, check(json.dumps({"data": {"dataset": "synthetic"}} | document), in_catalogue(Settings()))
    )


def test_the_oldest_job_is_taken_first_and_each_once(database: Database) -> None:
    ids = [submit(database).id for _ in range(3)]
    taken = [attempts.claim(database, worker()) for _ in range(4)]
    assert [job and job.id for job in taken] == [*sorted(ids), None]


def test_a_worker_without_a_gpu_leaves_the_job_that_needs_one(database: Database) -> None:
    job = submit(database, resources={"device": "cuda"})
    assert attempts.claim(database, worker("cpu")) is None
    assert lookup.get(database, job.id).waiting_for == "worker: none is running"
    taken = attempts.claim(database, worker("cpu", "cuda"))
    assert taken is not None
    assert taken.id == job.id


def test_the_device_that_was_found_first_is_that_of_every_later_attempt(database: Database, held: Hold) -> None:
    attempts.record_start(database, held, "cuda", {}, AS_STORED)
    attempts.end(database, held, Ended("drained"))
    assert attempts.claim(database, worker("cpu")) is None
    assert attempts.claim(database, worker("cpu", "cuda")) is not None


WRITES: list[Callable[[Database, Hold], object]] = [
    attempts.beat,
    lambda database, hold: attempts.record_start(database, hold, "cpu", {}, AS_STORED),
    lambda database, hold: attempts.record_progress(database, hold, 1, None, {}),
    lambda database, hold: attempts.record_weights(database, hold, Artifact("weights", 1, Stored("key", 1, "0"))),
    lambda database, hold: attempts.end(database, hold, Ended("succeeded")),
    lambda database, hold: attempts.end(database, hold, Ended("drained")),
    lambda database, hold: attempts.end(database, hold, Ended("lost", reason="it is gone")),
]


@pytest.mark.parametrize("write", WRITES)
def test_an_attempt_that_was_replaced_can_write_nothing(
    database: Database, held: Hold, write: Callable[[Database, Hold], object]
) -> None:
    attempts.end(database, held, Ended("lost", reason="its worker is gone"))
    waits_are_over(database)
    assert attempts.claim(database, worker()) is not None
    before = lookup.get(database, held.job_id)
    with pytest.raises(AttemptLost):
        write(database, held)
    assert lookup.get(database, held.job_id) == before


@pytest.mark.parametrize("write", WRITES)
def test_nothing_is_written_to_a_job_that_has_ended(
    database: Database, held: Hold, write: Callable[[Database, Hold], object]
) -> None:
    attempts.end(database, held, Ended("succeeded"))
    before = lookup.get(database, held.job_id)
    with pytest.raises(AttemptLost):
        write(database, held)
    assert lookup.get(database, held.job_id) == before


def test_a_drained_job_is_queued_uncounted_and_a_lost_one_counted_until_it_is_poison(database: Database) -> None:
    job = submit(database)
    for losses in range(1, MAX_LOSSES + 1):
        for how in (Ended("drained"), Ended("returned", reason="not ready"), Ended("lost", reason="killed")):
            waits_are_over(database)
            taken = attempts.claim(database, worker())
            assert taken is not None
            attempts.end(database, Hold(taken.id, taken.attempt), how)
        assert lookup.get(database, job.id).losses == losses
    ended = lookup.get(database, job.id)
    assert ended.status is Status.FAILED
    assert ended.error is not None
    assert ended.error.code == "poison"


@pytest.mark.parametrize("ended", [Ended("drained"), Ended("lost", reason="killed")])
def test_a_job_that_somebody_asked_to_cancel_is_not_queued_again(database: Database, held: Hold, ended: Ended) -> None:
    clients.ask(database, held.job_id, "cancel")
    assert attempts.requested(database, held) == "cancel"
    attempts.end(database, held, ended)
    assert lookup.get(database, held.job_id).status is Status.CANCELLED


def test_a_job_that_was_lost_waits_before_it_is_tried_again_and_twice_as_long_each_time(database: Database) -> None:
    job = submit(database)
    announce(database, worker())
    for wait in (1.0, 2.0):
        taken = attempts.claim(database, worker())
        assert taken is not None
        attempts.end(database, Hold(job.id, taken.attempt), Ended("lost", reason="its worker is gone"))
        assert not queue.something_queued(database)
        assert attempts.claim(database, worker()) is None
        lost = lookup.get(database, job.id)
        assert re.fullmatch(r"its next try, in [012]\.\d s: its last attempt was lost", lost.waiting_for or "")
        with database.read() as connection:
            assert lost.not_before == pytest.approx(moment_of(database, connection).clock + wait, abs=wait)
        waits_are_over(database)
        assert queue.something_queued(database)


def test_a_wait_from_before_a_reboot_is_over(database: Database, held: Hold) -> None:
    attempts.end(database, held, Ended("lost", reason="its worker is gone"))
    with database.write() as connection:
        connection.execute(update(tables.jobs).values(not_before=tables.jobs.c.not_before + 1e6))
    announce(database, worker())
    assert lookup.get(database, held.job_id).waiting_for == "worker: one looks for it within a second"
    assert attempts.claim(database, worker()) is not None


def test_what_a_queued_job_waits_for_is_what_keeps_the_workers(database: Database) -> None:
    def reason() -> str | None:
        return lookup.get(database, waiting.id).waiting_for

    submit(database)
    waiting = submit(database)
    assert reason() == "worker: none is running"
    announce(database, worker())
    assert reason() == "worker: one looks for it within a second"
    attempts.claim(database, worker())
    assert reason() == "slot: every worker is busy"
    announce(database, replace(worker(), trouble="3 trainers in a row failed"))
    assert reason() == "worker: none is well; on here: 3 trainers in a row failed"
    withdraw(database, worker())
    assert reason() == "worker: none is running"


def test_a_worker_that_was_killed_is_gone_and_then_forgotten(database: Database) -> None:
    announce(database, worker())
    for ago, known in ((WORKER_GONE, 1), (FORGOTTEN, 0)):
        with database.write() as connection:
            connection.execute(update(tables.workers).values(beat=tables.workers.c.beat - ago))
        assert live_workers(database) == ()
        announce(database, replace(worker(), id="another"))
        with database.write() as connection:
            connection.execute(delete(tables.workers).where(tables.workers.c.id == "another"))
            assert len(connection.execute(select(tables.workers)).all()) == known


def test_a_wall_clock_that_jumps_ends_no_worker(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    announce(database, worker())
    for jump in (-1e6, 1e6):
        monkeypatch.setattr("time.time", lambda jump=jump: jump)
        assert [each.id for each in live_workers(database)] == ["w"]
