"""Jobs that were trained within the test's process, whose networks are asked by running and by batch statistics."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bn.network import Network, build
from jobs.datasets.uploaded import arrays_of
from jobs.lifecycle import attempts, clients, lookup
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.datasets import known
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended, Job
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support.recorded_jobs import take
from worker.record.results import keep_weights, whitening_of
from worker.train.engines.eager import Eager
from worker.train.loop import blocks
from worker.train.state import Run, initial_state, prepare_run

DOCUMENT: dict[str, Any] = {
    "architecture": {"preset": "mlp", "hidden": [16, 16]},
    "batch_norm": True,
    "data": {"dataset": "synthetic", "train_samples": 200, "batch_size": 20},
    "training": {"steps": 10},
    "evaluation": {"every": 5},
}


@dataclass(frozen=True, eq=False)
class Trained:
    """A job that has succeeded, and what it has trained."""

    job: Job
    run: Run
    network: Network
    """In eval mode."""

    def logits(self, inputs: NDArray[Any], *, by_batch: bool = False) -> NDArray[np.float32]:
        """What the network itself says of inputs as they are stored, by its running statistics or by the batch's."""
        with torch.no_grad():
            x: Tensor = self.run.dataset.inputs(torch.from_numpy(inputs))
            return np.asarray(self.network.observe(x)[0] if by_batch else self.network(x))


def train(database: Database, settings: Settings, **changed: Any) -> Trained:
    """A job of ten steps, on the synthetic dataset or an uploaded one, as a worker would have trained it."""
    clients.submit(database, check(json.dumps(DOCUMENT | changed), known(database, settings)))
    job = take(database)
    arrays = arrays_of(job.resolved.dataset, Path("no-such-folder"), open_objects(settings))
    run = prepare_run(job.resolved, torch.device("cpu"), arrays)
    state = initial_state(run)
    for _ in blocks(run, state, Eager(run)):
        pass
    hold = Hold(job.id, job.attempt)
    held = Held(database, open_objects(settings), hold)
    attempts.record_start(database, hold, "cpu", {}, run.preprocessing, whitening=whitening_of(held, run))
    keep_weights(held, run, state)
    attempts.end(database, hold, Ended("succeeded"))
    network = build(run.plan, seed=0).eval()
    network.load_state_dict(state.learned.tensors)
    return Trained(lookup.get(database, job.id), run, network)
