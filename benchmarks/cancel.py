"""How long it takes from asking to cancel a running job until it is cancelled, at short and at long steps.

python -m benchmarks.cancel
"""

import json
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import service
from jobs.lifecycle import clients, lookup
from jobs.lifecycle.job import Job, Status
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database, open_database

RESULTS = Path(__file__).parent / "results" / "cancel.json"
WITHIN = 1.0  # seconds
LONG = {"steps": 1_000_000}
DATA = {"dataset": "synthetic"}
CASES: dict[str, tuple[int, float, dict[str, Any]]] = {
    "steps of 1 ms": (100, 0.2, {"data": DATA, "training": LONG}),
    "steps of some seconds": (
        100,
        1.0,
        {
            "architecture": {"preset": "mlp", "hidden": [4000, 4000, 3000]},
            "data": DATA | {"batch_size": 2000},
            "training": LONG,
        },
    ),
}
"""How many jobs, for how long after its first word each of them runs, and what they are."""


def main() -> None:
    """Measure, print, and keep the result."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        with closing(open_database(settings)) as database, service.worker(settings):
            for name, (number, after, document) in CASES.items():
                seconds = sorted(_cancelled(database, settings, document, after) for _ in range(number))
                within = sum(each <= WITHIN for each in seconds)
                found[name] = {"jobs": number, "within_1_s": within, "median": seconds[number // 2], "max": seconds[-1]}
                print(
                    f"{name}: {within} of {number} within 1 s, median {seconds[number // 2]:.2f}, max {seconds[-1]:.2f}"
                )
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


def _cancelled(database: Database, settings: Settings, document: dict[str, Any], after: float) -> float:
    """Seconds until a job is cancelled that has been training for a moment."""
    job = clients.submit(database, check(json.dumps(document), in_catalogue(settings)))
    # The environment is recorded when everything is loaded and the first step begins.
    _until(lambda: _now(database, job).environment is not None)
    time.sleep(after)
    began = time.monotonic()
    clients.ask(database, job.id, "cancel")
    _until(lambda: _now(database, job).status is Status.CANCELLED)
    return time.monotonic() - began


def _now(database: Database, job: Job) -> Job:
    return lookup.get(database, job.id)


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.01)


if __name__ == "__main__":
    main()
