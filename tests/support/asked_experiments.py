"""Experiments that tests post, and their jobs as they end."""

import time
from typing import Any

import httpx
import numpy as np

from jobs.lifecycle import attempts, lookup
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended, Job, JobError
from jobs.series.format.schema import TEST, TRAIN, VALIDATION, Rows
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support.recorded_jobs import take

RATE = "/training/optimizer/learning_rate"
BASE = {"data": {"dataset": "synthetic"}, "training": {"steps": 100, "seed": 7}}
DOCUMENT: dict[str, Any] = {
    "name": "does it help?",
    "base": BASE,
    "variants": {"without BN": {}, "with BN": {"batch_norm": True}},
    "grid": {RATE: [0.1, 1.0]},
    "seeds": 2,
    "targets": [0.5, 0.9],
}


def submitted(client: httpx.Client, **changes: Any) -> Any:
    answer = client.post("/experiments", json=DOCUMENT | changes)
    assert answer.status_code == 202, answer.text
    return answer.json()


def finish(
    database: Database,
    settings: Settings,
    accuracy: list[float],
    *,
    fails: JobError | None = None,
    every: int = 50,
    held_out: float | None = None,
) -> Job:
    """Take the next job of the queue and end it, with this test accuracy at step 0 and every so many steps.

    held_out: what it comes to on the validation part.
    """
    job = take(database)
    hold = Hold(job.id, job.attempt)
    writer = Writer(Held(database, open_objects(settings), hold))
    steps = every * np.arange(len(accuracy))
    times = np.full(len(steps), time.time())
    values = np.array(accuracy, np.float32)
    if accuracy:
        writer.append(TRAIN, Rows(np.array([1]), times[:1], {"loss": values[:1]}))
        writer.append(TEST, Rows(steps, times, {"loss": 1 - values, "accuracy": values}))
        if held_out is not None:
            last = np.array([held_out], np.float32)
            writer.append(VALIDATION, Rows(steps[-1:], times[:1], {"loss": 1 - last, "accuracy": last}))
        writer.commit()
    attempts.end(database, hold, Ended("failed" if fails else "succeeded", fails))
    return lookup.get(database, job.id)
