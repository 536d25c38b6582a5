"""What the rules of `jobs.findings` look at: of a small training that is recorded into a store, or made up."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from jobs.datasets.loading import load
from jobs.findings.evidence import Evidence, Line
from jobs.findings.gathering import gather
from jobs.lifecycle import clients
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Job
from jobs.series.format.schema import Rows
from jobs.series.read.reader import Series, answer_from
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support.documents import resolved
from tests.support.recorded_jobs import take
from tests.support.small_runs import NOWHERE, recorded
from worker.train.state import Run, prepare_run


def run_of(**document: Any) -> Run:
    """A training on the synthetic dataset, binarized, evaluated every 50 steps and observed in its layers alone."""
    few = {"units": 0, "histograms_every": 10**6, "probe_every": 10**6}
    asked = {"evaluation": {"every": 50}, "recording": few, **document}
    asked["data"] = {"dataset": "synthetic", "binarize": True, **document.get("data", {})}
    return prepare_run(resolved(**asked), torch.device("cpu"), load("synthetic", NOWHERE))


def with_shuffled_labels(run: Run) -> Run:
    """The same training with labels that have nothing to do with their images, the test set's neither."""
    draw = torch.Generator().manual_seed(0)

    def shuffled(examples: Any) -> Any:
        order = torch.randperm(len(examples.labels), generator=draw)
        return dataclasses.replace(examples, labels=examples.labels[order])

    data = run.dataset
    return dataclasses.replace(
        run, dataset=dataclasses.replace(data, train=shuffled(data.train), test=shuffled(data.test))
    )


def trained(database: Database, settings: Settings, run: Run) -> Evidence:
    """What the whole training shows."""
    return evidence_of(store(database, settings, run, recorded(run)))


def store(database: Database, settings: Settings, run: Run, tables: dict[str, Rows]) -> Series:
    """The series of a job that has recorded these tables."""
    clients.submit(database, run.resolved)
    job: Job = take(database)
    objects = open_objects(settings)
    writer = Writer(Held(database, objects, Hold(job.id, job.attempt)))
    for name, rows in tables.items():
        writer.append(name, rows)
    writer.commit(steps_per_second=400.0)
    return Series(job, database, objects)


def evidence_of(series: Series) -> Evidence:
    """What a job has recorded shows."""
    return answer_from(series, lambda view: gather(series.job.resolved, view))


def shown(
    train: Mapping[str, Sequence[float]] | None = None,
    test: Mapping[str, Sequence[float]] | None = None,
    layers: Mapping[str, Mapping[str, Sequence[float]]] | None = None,
    *,
    every: int = 100,
    **document: Any,
) -> Evidence:
    """Made-up evidence of a job on the synthetic dataset: each value stands for so many steps; NaN is not finite."""
    asked = {**document, "data": {"dataset": "synthetic", **document.get("data", {})}}
    inside = {layer: {name: line(values, every) for name, values in of.items()} for layer, of in (layers or {}).items()}
    return Evidence(resolved(**asked), _lines(train, every), _lines(test, every), inside)


def line(values: Sequence[float], every: int = 100) -> Line:
    """A series of which each value stands for so many steps, from step 1 on."""
    value = np.array(values, float)
    first = 1 + every * np.arange(len(value))
    broken = np.flatnonzero(~np.isfinite(value))
    return Line(first, first + every - 1, value, value, value, int(first[broken[0]]) if len(broken) else None)


def _lines(table: Mapping[str, Sequence[float]] | None, every: int) -> dict[str, Line]:
    return {name: line(values, every) for name, values in (table or {}).items()}
