"""Locks: a process that holds its job's is alone with it, however the database came to say otherwise."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jobs.lifecycle import attempts, lookup
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Status
from jobs.lifecycle.workers import Worker
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support.workers import running_worker, submit, until, wait_for
from worker.supervise.locks import try_lock
from worker.supervise.process import Trainer


def taken_by_nobody(database: Database) -> Hold:
    """What an attempt of this host holds whose worker has died."""
    now = time.time()
    job = attempts.claim(database, Worker("gone", socket.gethostname(), 1, 1, ("cpu",), now, now))
    assert job is not None
    return Hold(job.id, job.attempt)


def test_a_lock_is_held_by_one_and_free_afterwards(tmp_path: Path) -> None:
    with try_lock(tmp_path, "job") as first, try_lock(tmp_path, "job") as second:
        assert (first, second) == (True, False)
    with try_lock(tmp_path, "job") as again:
        assert again
    assert list((tmp_path / "locks").iterdir()) == []


def test_a_lock_whose_file_was_removed_is_held_by_nobody_else(tmp_path: Path) -> None:
    """However two come and go, never do both have it: the file of one who let go is not locked by the next."""
    held = 0

    def take(_: int) -> int:
        nonlocal held
        with try_lock(tmp_path, "job") as mine:
            if mine:
                held += 1
                seen = held
                time.sleep(0.001)
                held -= 1
                return seen
        return 0

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(take, range(2000))) == {0, 1}


def test_a_trainer_does_not_begin_where_another_process_is_at_its_job(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BNLAB_DATA", str(settings.data))
    monkeypatch.setenv("BNLAB_DATABASE_URL", settings.database_url)
    submit(database)
    hold = taken_by_nobody(database)
    trainer = Trainer()
    try:
        with try_lock(settings.data, hold.job_id):
            trainer.run(hold)
            ended = until(lambda: trainer.ended(timeout=0.1))
        assert ended.outcome == "replaced"
        assert lookup.get(database, hold.job_id).step == 0
    finally:
        trainer.kill()


def test_a_job_whose_worker_is_gone_is_left_to_the_trainer_that_still_holds_it(
    settings: Settings, database: Database
) -> None:
    submit(database)
    hold = taken_by_nobody(database)
    with running_worker(settings):
        with try_lock(settings.data, hold.job_id):
            assert wait_for(database, submit(database)).status is Status.SUCCEEDED
            held = lookup.get(database, hold.job_id)
            assert (held.status, held.attempt) == (Status.RUNNING, 1)
        assert wait_for(database, held).attempt == 2
