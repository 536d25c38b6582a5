"""A data folder of its own, jobs in it, and a real Celery worker that runs them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jobs.lifecycle import clients, lookup
from jobs.lifecycle.job import TERMINAL, Job, Status
from jobs.lifecycle.workers import live_workers
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects
from jobs.storage.objects.protocol import Objects
from tests.conftest import Stack

PATIENCE = 60.0  # seconds before a test gives up waiting; a busy machine is slow, not wrong
SMALL: dict[str, Any] = {
    "batch_norm": True,
    "data": {"dataset": "synthetic"},
    "training": {"steps": 300},
    "evaluation": {"every": 100},
}

Workers = Callable[..., Any]


@pytest.fixture
def settings(tmp_path: Path, stack: Stack) -> Settings:
    data = tmp_path / "data"
    data.mkdir()
    return Settings(data=data, database_url=stack.database_url, broker_url=stack.broker_url)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = open_database(settings)
    yield database
    database.close()


@pytest.fixture
def objects(settings: Settings) -> Objects:
    return open_objects(settings)


def submit(database: Database, **changes: Any) -> Job:
    """Queue a small job on the synthetic dataset."""
    return clients.submit(database, check(json.dumps(SMALL | changes), in_catalogue(Settings())))


def until(condition: Callable[[], Any]) -> Any:
    """Wait for a condition and return what it gave."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


def wait_for(database: Database, job: Job, *statuses: Status) -> Job:
    """Wait until the job has one of the statuses, by default a terminal one."""
    wanted = statuses or TERMINAL
    return until(lambda: (now := lookup.get(database, job.id)).status in wanted and now)  # type: ignore[no-any-return]


@contextmanager
def running_worker(
    settings: Settings, slots: int = 1, broker: str = "", checkout: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker as `bnlab up` starts it, of another checkout where one is named; ended by SIGTERM."""
    command = [sys.executable, "-m", "celery", "-A", "worker.app", "worker", "-P", "threads", "-c", str(slots)]
    environment = {
        **os.environ,
        "BNLAB_DATA": str(settings.data),
        "BNLAB_DATABASE_URL": settings.database_url,
        "BNLAB_BROKER_URL": broker or settings.broker_url,
        **({"PYTHONPATH": str(checkout)} if checkout else {}),
    }
    with (settings.data / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "-Q", "bnlab", "-l", "INFO"], cwd=checkout, env=environment, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture
def worker(settings: Settings, database: Database) -> Iterator[subprocess.Popen[bytes]]:
    with running_worker(settings) as process:
        until(lambda: live_workers(database))
        yield process


def trainers_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The process ids of a worker's trainers."""
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]
