"""Jobs that a worker has taken and recorded, without training anything."""

import json
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from bnlab import Client
from jobs.lifecycle import attempts, clients, lookup
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended, Job
from jobs.lifecycle.workers import Worker
from jobs.series.format.schema import ACTIVATIONS, HISTOGRAMS, TEST, TRAIN, UNITS, Column, Rows
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support.running_jobs import waits_are_over

DOCUMENT = """{"training": {"steps": 200}, "evaluation": {"every": 100}, "data": {"dataset": "synthetic"},
               "recording": {"probe_every": 50, "histograms_every": 100}}"""
LAYERS = ("hidden1", "hidden2", "hidden3")


def a_worker() -> Worker:
    """A worker that has just been heard of."""
    return Worker("w1", "here", 1, 1, ("cpu",), started=time.time(), beat=time.time())


def start(database: Database, settings: Settings) -> Job:
    """A job of 200 steps that a worker has just taken."""
    clients.submit(database, check(DOCUMENT, in_catalogue(settings)))
    return take(database)


def take(database: Database) -> Job:
    """The next job of the queue, once a worker has taken it."""
    waits_are_over(database)
    job = attempts.claim(database, a_worker())
    assert job is not None
    return job


def finish(database: Database, settings: Settings, job: Job) -> Job:
    """The job once it has succeeded with everything recorded; its loss at step 10 was not a number."""
    hold = Hold(job.id, job.attempt)
    writer = Writer(Held(database, open_objects(settings), hold))
    train = rows(range(1, 201), ("loss", "accuracy", "learning_rate", "gradient_norm"))
    train.columns["loss"][9] = np.nan
    writer.append(TRAIN, train)
    writer.append(TEST, rows(range(0, 201, 100), ("loss", "accuracy")))
    writer.append(
        ACTIVATIONS, rows(range(1, 201), [f"{at}.{name}" for at in LAYERS for name in ("mean", "std", "p50")])
    )
    writer.append(UNITS, rows(range(50, 201, 50), ("hidden3.50.p15", "hidden3.50.p50", "hidden3.50.p85")))
    histograms = rows(range(100, 201, 100), ("hidden1.lo", "hidden1.hi"))
    histograms.columns["hidden1.counts"] = np.ones((2, 64), np.uint32)
    writer.append(HISTOGRAMS, histograms)
    writer.commit(steps_per_second=400.0)
    attempts.end(database, hold, Ended("succeeded"))
    return lookup.get(database, job.id)


def finish_experiment(client: Client, database: Database, settings: Settings) -> dict[str, Any]:
    """Two variants with two seeds each, all of which succeeded."""
    variants: dict[str, Any] = {"without BN": {}, "with BN": {"batch_norm": True}}
    base = json.loads(DOCUMENT)
    experiment = client.submit_experiment(name="[b]one", base=base, variants=variants, seeds=2)
    for _ in experiment["jobs"]:
        finish(database, settings, take(database))
    return experiment


def rows(steps: Iterable[int], names: Iterable[str]) -> Rows:
    """A row a step; the i-th column is 1 / (step + i + 1)."""
    step = np.array(list(steps), np.int64)
    columns: dict[str, Column] = {name: (1 / (step + i + 1)).astype(np.float32) for i, name in enumerate(names)}
    return Rows(step, 1.7e9 + step / 400, columns)
