"""The processes that benchmarks measure: an API and a worker, on a data folder of the benchmark's own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx

from bnlab.local.preconditions import free_port
from jobs.settings import Settings

WORKER = (sys.executable, "-m", "celery", "-A", "worker.app", "worker", "-P", "threads", "-Q", "bnlab")
API = (sys.executable, "-m", "uvicorn", "api.main:app", "--no-access-log", "--timeout-graceful-shutdown", "3")
Process = subprocess.Popen[bytes]


@contextmanager
def running(command: Sequence[str], settings: Settings) -> Iterator[Process]:
    """A program with these settings, ended at the end."""
    own = {"BNLAB_DATA": str(settings.data), "BNLAB_BROKER_URL": settings.broker_url}
    process = subprocess.Popen(command, env=os.environ | own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def worker(settings: Settings, slots: int = 1) -> Iterator[Process]:
    """A worker."""
    with running([*WORKER, "-c", str(slots)], settings) as process:
        yield process


@contextmanager
def api(settings: Settings) -> Iterator[tuple[httpx.Client, Process]]:
    """An API that answers, and a client of it that asks for no compression."""
    port = free_port("127.0.0.1", 0)
    plain = {"Accept-Encoding": "identity"}
    with (
        running([*API, "--port", str(port)], settings) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=120, headers=plain) as client,
    ):
        while not _is_alive(client):
            time.sleep(0.1)
        yield client, process


def _is_alive(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").is_success
    except httpx.TransportError:
        return False
