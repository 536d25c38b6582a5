"""A disk that is full for longer than a lease lasts: the job waits for room and loses nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.lifecycle import lookup
from jobs.lifecycle.attempts import LEASE
from jobs.lifecycle.job import Status
from jobs.settings import Settings
from jobs.storage.database import open_database
from jobs.storage.objects.opening import open_objects
from tests.support.disk import disk_of, fill
from tests.support.workers import running_worker, submit, until, wait_for
from tests.worker.supervise.test_supervisor import steps


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk_of(8, tmp_path / "disk") as place:
        yield place


def test_a_job_waits_for_room_on_a_full_disk_and_goes_on_where_it_was(small_disk: Path) -> None:
    settings = Settings(data=small_disk)
    database, objects = open_database(settings), open_objects(settings)
    with running_worker(settings):
        job = submit(database, training={"steps": 6000})
        until(lambda: lookup.get(database, job.id).step > 0)
        filler = small_disk / "filler"
        fill(filler)
        until(lambda: lookup.get(database, job.id).waiting_for == "storage: the disk is full")
        time.sleep(LEASE + 3)  # longer than a job is held without a beat
        assert lookup.get(database, job.id).status is Status.RUNNING
        filler.unlink()
        until(lambda: lookup.get(database, job.id).waiting_for is None)
        job = wait_for(database, job)
    assert (job.status, job.attempt) == (Status.SUCCEEDED, 1)
    assert steps(database, objects, job, "train") == list(range(1, 6001))
    database.close()
