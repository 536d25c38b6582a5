"""A data folder with a broker-less worker that is started again whenever it has died."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil
import pytest

from jobs.experiments.patches import merged
from jobs.lifecycle import clients, lookup
from jobs.lifecycle.job import TERMINAL, Job
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.engines import Engine
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects
from tests.chaos.checker import nothing_retired

PATIENCE = 240.0  # seconds
ENGINE: Engine = "compiled" if os.environ.get("BNLAB_TEST_ENGINE") == "compiled" else "eager"
TRAINING: dict[str, Any] = {"optimizer": {"kind": "momentum", "learning_rate": 0.01}}
DOCUMENT: dict[str, Any] = {
    "architecture": {"preset": "mlp", "hidden": [20, 20]},
    "batch_norm": True,
    "data": {"dataset": "synthetic", "train_samples": 1000},
    "evaluation": {"every": 250, "probabilities": True},
}


class Stand:
    """Where chaos happens: a data folder, its jobs, and workers on it."""

    def __init__(self, data: Path, broker: str = "memory://", database: str = "", engine: Engine = ENGINE) -> None:
        self._engine = engine
        self.settings = Settings(data=data, broker_url=broker, database_url=database)
        self.data = data
        self.failpoints, self.journal = data / "failpoints", data / "journal"
        self.failpoints.mkdir(parents=True)
        self.database: Database = open_database(self.settings)
        self.objects = open_objects(self.settings)
        self.workers: list[subprocess.Popen[bytes]] = []

    def submit(self, steps: int, *patches: dict[str, Any]) -> Job:
        document: Any = DOCUMENT | {"training": {**TRAINING, "steps": steps}, "resources": {"engine": self._engine}}
        for patch in patches:
            document = merged(document, patch)
        return clients.submit(self.database, check(json.dumps(document), in_catalogue(self.settings)))

    def start_worker(self) -> None:
        command = [sys.executable, "-m", "celery", "-A", "worker.app", "worker", "-P", "threads", "-c", "1"]
        environment = {
            **os.environ,
            "BNLAB_DATA": str(self.data),
            "BNLAB_BROKER_URL": self.settings.broker_url,
            "BNLAB_DATABASE_URL": self.settings.database_url,
            "BNLAB_FAILPOINTS": str(self.failpoints),
            "BNLAB_JOURNAL": str(self.journal),
            "BNLAB_COMMIT_SECONDS": "0.1",
        }
        with (self.data / "worker.log").open("ab") as log:
            started = subprocess.Popen(
                [*command, "-Q", "bnlab", "-l", "INFO", "--without-mingle"], env=environment, stdout=log, stderr=log
            )
        self.workers.append(started)

    def keep_workers(self, number: int) -> None:
        """Start as many anew as have died."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < number:
            self.start_worker()

    def trainers(self) -> list[psutil.Process]:
        """The trainers of all workers, those of dead ones included."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            with suppress(psutil.Error):
                is_trainer = "worker.trainer" in (process.info["cmdline"] or ())
                if is_trainer and process.environ().get("BNLAB_DATA") == str(self.data):
                    found.append(process)
        return found

    def wait_for_all(self, job_ids: list[str], workers: int) -> None:
        """Until all have ended and nothing of them is to be deleted, with workers there."""
        deadline = time.monotonic() + PATIENCE

        def is_open(job_id: str) -> bool:
            return lookup.get(self.database, job_id).status not in TERMINAL

        while any(map(is_open, job_ids)) or not nothing_retired(self.database):
            assert time.monotonic() < deadline, f"still open: {[i for i in job_ids if is_open(i)]}"
            self.keep_workers(workers)
            time.sleep(0.05)

    def close(self) -> None:
        """End the workers; no trainer may outlive them."""
        for worker in self.workers:
            worker.send_signal(signal.SIGCONT)
            worker.terminate()
        for worker in self.workers:
            worker.wait(PATIENCE)
        self.database.close()


def wait_until(condition: Callable[[], object], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@contextmanager
def stand_in(data: Path, broker: str = "memory://", database: str = "", engine: Engine = ENGINE) -> Iterator[Stand]:
    with closing(Stand(data, broker, database, engine)) as stand:
        yield stand
    wait_until(lambda: not stand.trainers(), 15.0)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stand_in(tmp_path_factory.mktemp("chaos") / "data") as stand:
        yield stand


@pytest.fixture(scope="module")
def undisturbed(stand: Stand) -> Callable[[int], Job]:
    """A job of so many steps that nothing happened to."""

    @lru_cache
    def run(steps: int) -> Job:
        job = stand.submit(steps)
        stand.wait_for_all([job.id], workers=1)
        return lookup.get(stand.database, job.id)

    return run
