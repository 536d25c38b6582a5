"""How long a submission takes while the broker is there, hangs, and is away for a minute; and whether a job is lost.

python -m benchmarks.broker
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bnlab.preconditions import broker_program, free_port

RESULTS = Path(__file__).parent / "results" / "broker.json"
AWAY = 60.0  # seconds
PACE = 0.4  # seconds from one submission to the next
DOCUMENT = {"data": {"dataset": "synthetic"}, "training": {"steps": 1}, "evaluation": {"every": 1}}
WORKER = ("celery", "-A", "worker.app", "worker", "-P", "threads", "-c", "2", "-Q", "bnlab")


def main() -> None:
    """Measure, print, and keep the result."""
    with tempfile.TemporaryDirectory() as folder:
        port, sock = free_port("127.0.0.1", 0), f"{folder}/broker.sock"
        environment = os.environ | {"BNLAB_DATA": f"{folder}/data", "BNLAB_BROKER_URL": f"redis+socket://{sock}"}
        broker = [broker_program(), "--port", "0", "--unixsocket", sock, "--save", "", "--dir", folder]
        api = [sys.executable, "-m", "uvicorn", "api.main:app", "--port", str(port), "--no-access-log"]
        found: dict[str, Any] = {}
        with (
            _running(api, environment),
            httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client,
        ):
            with _running(broker, environment) as process:
                _until_alive(client)
                _submit(client)  # the first one loads what the others have at hand
                found["there"] = _submissions(client, 10.0)
                process.send_signal(signal.SIGSTOP)
                found["hangs"] = _submissions(client, 10.0)
                process.send_signal(signal.SIGCONT)
                process.kill()
                found["away"] = _submissions(client, AWAY)
            submitted = 1 + sum(case["submissions"] for case in found.values())
            with _running(broker, environment), _running([sys.executable, "-m", *WORKER], environment):
                while (
                    client.get("/jobs?status=queued").json()["jobs"]
                    or client.get("/jobs?status=running").json()["jobs"]
                ):
                    time.sleep(0.5)
            found["submitted"], found["succeeded"] = submitted, _succeeded(client)
    print(json.dumps(found, indent=2))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


def _submissions(client: httpx.Client, seconds: float) -> dict[str, Any]:
    taken, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        taken.append(_submit(client))
        time.sleep(PACE)
    taken.sort()
    number = len(taken)
    return {
        "submissions": number,
        "within_200_ms": sum(each <= 0.2 for each in taken),
        "median_ms": round(taken[number // 2] * 1e3, 1),
        "max_ms": round(taken[-1] * 1e3, 1),
    }


def _submit(client: httpx.Client) -> float:
    began = time.perf_counter()
    client.post("/jobs", json=DOCUMENT).raise_for_status()
    return time.perf_counter() - began


def _succeeded(client: httpx.Client) -> int:
    number = 0
    before: dict[str, str] = {}
    while True:
        page = client.get("/jobs", params={"status": "succeeded", "limit": 100, **before}).json()
        number += len(page["jobs"])
        if page["next"] is None:
            return number
        before = {"before": page["next"]}


def _until_alive(client: httpx.Client) -> None:
    while True:
        try:
            client.get("/healthz").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
