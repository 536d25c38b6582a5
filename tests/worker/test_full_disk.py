"""A disk that is full for longer than a lease lasts: the job waits for room and loses nothing."""

import subprocess
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
from tests.support.requirements import missing
from tests.worker.conftest import running_worker, submit, until, wait_for
from tests.worker.supervise.test_supervisor import steps


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of eight megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "bnlab", str(place)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        missing(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(path: Path) -> None:
    """Take all the room that is left."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


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
