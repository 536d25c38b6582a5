"""The processes of another release: its server, spoken with over HTTP alone, and its workers, which can be killed."""

import fcntl
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

HOST = "first-release"  # what its workers take for this machine's name
PATIENCE = 300.0  # seconds


@dataclass(frozen=True)
class Release:
    """A server of the release in a folder for its data, and how its workers are started."""

    folder: Path
    environment: dict[str, str]
    http: httpx.Client
    held: list[int]
    """Locks that keep the later workers from what the earlier ones left."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def submit(self, document: dict[str, Any]) -> str:
        """Queue a job; its id."""
        return str(self.post("/jobs", document)["id"])

    def post(self, path: str, body: Any = None) -> Any:
        return self.http.post(path, json=body).raise_for_status().json()

    def get(self, path: str) -> Any:
        return self.http.get(path).raise_for_status().json()

    def ends(self, job_id: str, status: str) -> None:
        """Wait until the job has this status."""
        until(lambda: self.get(f"/jobs/{job_id}")["status"] == status)

    def gets_on(self, job_id: str) -> None:
        """Wait until the job has a checkpoint to go on from, beside that of its untrained network."""
        until(lambda: self.newest_checkpoint(job_id) > 0)

    def newest_checkpoint(self, job_id: str) -> int:
        with closing(sqlite3.connect(f"file:{self.data}/bnlab.sqlite?mode=ro", uri=True)) as database:
            found = database.execute("SELECT max(step) FROM checkpoints WHERE job_id = ?", (job_id,)).fetchone()
        return found[0] or 0

    def trap(self, point: str, times: int = 1) -> None:
        """Trainer and worker are ended when they reach that point, at that time from now."""
        (self.folder / "failpoints" / point).write_text(f"parent self {times}")

    def hold(self, job_id: str) -> None:
        """Seem to be the job's trainer: no worker takes it for lost."""
        self.held.append(os.open(self.data / "locks" / f"{job_id}.lock", os.O_RDWR))
        fcntl.flock(self.held[-1], fcntl.LOCK_EX)


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("waited in vain")
        time.sleep(0.02)


@contextmanager
def released(checkout: Path, folder: Path) -> Iterator[Release]:
    """The server of a checkout; killed at the end."""
    for name in ("data", "failpoints", "python"):
        (folder / name).mkdir()
    (folder / "python" / "sitecustomize.py").write_text(f"import socket\nsocket.gethostname = lambda: {HOST!r}\n")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BNLAB_")},
        "PYTHONPATH": f"{folder / 'python'}:{checkout}",
        "BNLAB_ACCESS": "open",  # to who can open the socket
        "BNLAB_DATA": str(folder / "data"),
        "BNLAB_FAILPOINTS": str(folder / "failpoints"),
        "BNLAB_COMMIT_SECONDS": "0.05",
    }
    command = ["-m", "uvicorn", "api.main:app", "--uds", str(folder / "socket")]
    reached = httpx.HTTPTransport(uds=str(folder / "socket"))
    with started(folder, environment, *command), httpx.Client(transport=reached, base_url="http://localhost") as http:
        until(lambda: (folder / "socket").exists() and http.get("/healthz").is_success)
        yield Release(folder, environment, http, [])


@contextmanager
def started(folder: Path, environment: dict[str, str], *command: str) -> Iterator[psutil.Popen]:
    """A process of the release; killed at the end, with the trainers that it has."""
    with (folder / "log").open("ab") as log:
        process = psutil.Popen([sys.executable, *command], env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        yield process
    finally:
        children = process.children(recursive=True) if process.is_running() else []
        for each in (*children, process):
            if each.is_running():
                each.kill()
        process.wait()


@contextmanager
def worker(release: Release) -> Iterator[psutil.Popen]:
    command = ["-m", "celery", "-A", "worker.app", "worker", "-P", "threads", "-c", "1", "--without-mingle"]
    with started(release.folder, release.environment, *command) as process:
        yield process
