"""Small runs on the synthetic dataset, without a store."""

import json
from pathlib import Path
from typing import Any

import torch

from jobs.datasets.loading import load
from jobs.series.format import schema
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from worker.record.additions import additions
from worker.record.histograms import Ranges
from worker.train.engines.eager import Eager
from worker.train.loop import blocks
from worker.train.state import Run, initial_state, prepare_run

NOWHERE = Path("no-such-folder")  # the synthetic dataset needs none


def small_run(**changes: Any) -> Run:
    """A run of 130 steps of 100 examples; an epoch of 1,050 examples ends with a batch of 50."""
    document = {
        "batch_norm": True,
        "data": {"dataset": "synthetic", "batch_size": 100, "train_samples": 1050},
        "training": {"steps": 130},
        "evaluation": {"every": 50},
        "recording": {"histograms_every": 10, "probe_every": 40},
    }
    accepted = check(json.dumps(document | changes), in_catalogue(Settings()))
    return prepare_run(accepted, torch.device("cpu"), load(accepted.dataset.name, NOWHERE))


def recorded(run: Run) -> dict[str, schema.Rows]:
    """All tables of a run, whole."""
    state = initial_state(run)
    ranges: Ranges = {}
    parts: dict[str, list[schema.Rows]] = {}
    for block in blocks(run, state, Eager(run)):
        added, ranges = additions(run, [block], ranges)
        for table, rows in added:
            parts.setdefault(table, []).append(rows)
    return {table: schema.concatenate(rows) for table, rows in parts.items()}
