"""How long a submission takes while the broker is there, hangs, and is away for a minute; and whether a job is lost.

python -m benchmarks.broker
"""

import json
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks import service
from bnlab.local.preconditions import broker_program
from jobs.settings import Settings

RESULTS = Path(__file__).parent / "results" / "broker.json"
AWAY = 60.0  # seconds
PACE = 0.4  # seconds from one submission to the next
DOCUMENT = {"data": {"dataset": "synthetic"}, "training": {"steps": 1}, "evaluation": {"every": 1}}


def main() -> None:
    """Measure, print, and keep the result."""
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/broker.sock"
        settings = Settings(data=Path(folder) / "data", broker_url=f"redis+socket://{socket}")
        broker = [broker_program(), "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]
        found: dict[str, Any] = {}
        with service.api(settings) as (client, _):
            with service.running(broker, settings) as process:
                _submit(client)  # the first one loads what the others have at hand
                found["there"] = _submissions(client, 10.0)
                process.send_signal(signal.SIGSTOP)
                found["hangs"] = _submissions(client, 10.0)
                process.send_signal(signal.SIGCONT)
                process.kill()
                found["away"] = _submissions(client, AWAY)
            submitted = 1 + sum(case["submissions"] for case in found.values())
            with service.running(broker, settings), service.worker(settings, slots=2):
                while any(client.get(f"/jobs?status={status}").json()["jobs"] for status in ("queued", "running")):
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


if __name__ == "__main__":
    main()
