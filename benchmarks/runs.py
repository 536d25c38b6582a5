"""Runs on the synthetic dataset, made with neither a server nor its settings: they need torch, numpy and pydantic."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from jobs.datasets.arrays import Arrays
from jobs.datasets.catalogue import CATALOGUE
from jobs.datasets.loading import load
from jobs.spec.document import JobSpec
from jobs.spec.resolved import Resolved, block_steps, digest, plan_of
from worker.train.data import prepare
from worker.train.state import Run

NETWORKS: dict[str, dict[str, Any]] = {
    "mlp": {"preset": "mlp"},
    "convnet": {"preset": "convnet"},
    "resnet20": {"preset": "resnet", "depth": 20},
}
NEVER = 10**6  # steps from one measurement to the next where there is to be none


def plain_run(document: dict[str, Any], device: torch.device) -> Run:
    """The run of a document that says how many steps it takes, and whose fields nobody checks beyond their types."""
    spec = JobSpec.model_validate({"data": {"dataset": "synthetic"}} | document)
    dataset = CATALOGUE[spec.data.dataset].dataset
    whole = spec.model_dump(mode="json")
    most = block_steps(plan_of(spec, dataset), spec.data.batch_size)
    resolved = Resolved(whole, dataset, digest(whole), most)
    return Run(resolved, prepare(_arrays(), spec.data, device), device)


@lru_cache(maxsize=1)
def _arrays() -> Arrays:
    return load("synthetic", Path("no-such-folder"))
