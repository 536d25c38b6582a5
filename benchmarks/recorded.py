"""A long job of which everything is recorded, stored as a trainer would store it, without the training."""

import json
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from jobs.lifecycle import attempts, clients
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended
from jobs.lifecycle.workers import Worker
from jobs.series.format.columns import expected
from jobs.series.format.schema import ACTIVATIONS, BINS, HISTOGRAMS, TEST, TRAIN, Column, Rows
from jobs.series.write.joining import FEWEST, delete_retired, join
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects

COMMIT = 1000  # steps: as of a job of a thousand steps a second whose first minutes are watched
METRIC_NAMES = ("loss", "accuracy", "learning_rate", "gradient_norm")


def record(database: Database, settings: Settings, steps: int, layers: int, *, histograms: bool) -> str:
    """The id of a job of so many hidden layers with BN that has succeeded: 13 series of each, and its histograms."""
    document = {
        "architecture": {"preset": "mlp", "hidden": [100] * layers},
        "batch_norm": True,
        "data": {"dataset": "synthetic"},
        "training": {"steps": steps},
        "evaluation": {"every": 500},
        "recording": {"units": 0, "histograms_every": 50},
    }
    job = clients.submit(database, check(json.dumps(document), in_catalogue(settings)))
    now, objects = time.time(), open_objects(settings)
    claimed = attempts.claim(database, Worker("benchmark", "here", 0, 1, ("cpu",), now, now))
    assert claimed is not None
    held = Held(database, objects, Hold(job.id, claimed.attempt))
    writer = Writer(held)
    names = expected(job.resolved)[ACTIVATIONS]
    taps = [tap.name for tap in job.resolved.plan.taps]
    for number, first in enumerate(range(1, steps + 1, COMMIT), 1):
        last = min(first + COMMIT - 1, steps)
        writer.append(TRAIN, rows(first, last, METRIC_NAMES))
        writer.append(ACTIVATIONS, rows(first, last, names))
        multiples = np.arange(first, last + 1)
        writer.append(TEST, rows(last, last, METRIC_NAMES[:2]))
        if histograms:
            writer.append(HISTOGRAMS, spreading(multiples[multiples % 50 == 0], taps))
        writer.commit()
        if number % FEWEST == 0:
            join(held, ended=False)
    join(held, ended=True)
    attempts.end(database, held.hold, Ended("succeeded"))
    delete_retired(database, objects)
    return job.id


def rows(first: int, last: int, names: Iterable[str]) -> Rows:
    """Random values of these series at each of these steps."""
    step, random = np.arange(first, last + 1), np.random.default_rng(first)
    columns: dict[str, Column] = {name: random.uniform(size=len(step)).astype(np.float32) for name in names}
    return Rows(step, 1.7e9 + step * 1e-3 + random.uniform(0, 1e-4, len(step)), columns)


def spreading(step: Any, layers: Iterable[str]) -> Rows:
    """Histograms of 858 values a layer, which spread and narrow as the run goes on."""
    random = np.random.default_rng(0)
    columns: dict[str, Column] = {}
    for layer in layers:
        edges = np.linspace(-4, 4, BINS + 1)
        drawn = random.normal(scale=1 + 0.3 * np.sin(step / 500), size=(858, len(step))).T
        counts = np.stack([np.histogram(row, edges)[0] for row in drawn]).astype(np.uint32)
        columns |= {f"{layer}.lo": np.full(len(step), -4, np.float32)}
        columns |= {f"{layer}.hi": np.full(len(step), 4, np.float32), f"{layer}.counts": counts}
    return Rows(step, 1.7e9 + step * 1e-3, columns)
