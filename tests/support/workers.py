"""Real Celery workers, and small jobs for them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jobs.lifecycle import clients, lookup
from jobs.lifecycle.job import TERMINAL, Job, Status
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database

PATIENCE = 180.0  # seconds before a test gives up waiting; a busy machine is slow, not wrong
SMALL: dict[str, Any] = {
    "batch_norm": True,
    "data": {"dataset": "synthetic"},
    "training": {"steps": 300},
    "evaluation": {"every": 100},
    "resources": {"engine": "eager"},
}


def submit(database: Database, **changes: Any) -> Job:
    """Queue a small job on the synthetic dataset."""
    return clients.submit(database, check(json.dumps(SMALL | changes), in_catalogue(Settings())))


def until(condition: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Wait for a condition, so many seconds at the most, and return what it gave."""
    deadline = time.monotonic() + patience
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
    settings: Settings, slots: int = 1, broker: str = "", checkout: Path | None = None, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker as `bnlab up` starts it, of another checkout where one is named; ended by SIGTERM.

    more: further settings.
    """
    command = [sys.executable, "-m", "celery", "-A", "worker.app", "worker", "-P", "threads", "-c", str(slots)]
    environment = {
        **os.environ,
        "BNLAB_DATA": str(settings.data),
        "BNLAB_DATABASE_URL": settings.database_url,
        "BNLAB_BROKER_URL": broker or settings.broker_url,
        **({"PYTHONPATH": str(checkout)} if checkout else {}),
        **{f"BNLAB_{name.upper()}": value for name, value in more.items()},
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


def trainers_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The process ids of a worker's trainers."""
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]
