"""Jobs that were trained to their end in the test's own process, with their weights kept as a worker keeps them."""

from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray

from jobs.datasets.loading import load
from jobs.lifecycle import attempts, clients, lookup
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended, Job
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support.documents import resolved
from tests.support.recorded_jobs import take
from worker.record.results import keep_weights
from worker.train.engines.eager import Eager
from worker.train.loop import blocks
from worker.train.state import Run, State, initial_state, network_of, prepare_run

SMALL: dict[str, Any] = {
    "architecture": {
        "layers": [
            {"kind": "conv2d", "channels": 2, "kernel": 4, "stride": 4, "activation": "relu"},
            {"kind": "flatten"},
            {"kind": "linear", "features": 10},
        ]
    },
    "batch_norm": True,
    "training": {"steps": 2},
    "data": {"dataset": "synthetic", "normalize": "standardize"},
}


@dataclass(frozen=True)
class Trained:
    """A job that has succeeded, and its run as it is then."""

    job: Job
    run: Run
    state: State

    def logits(self, stored: NDArray[Any]) -> torch.Tensor:
        """What the network gives for inputs as the dataset has them."""
        with torch.no_grad(), network_of(self.run, self.state) as network:
            logits: torch.Tensor = network(self.run.dataset.inputs(torch.from_numpy(stored)))
        return logits


def trained(database: Database, settings: Settings, **changed: Any) -> Trained:
    """A small job on the synthetic dataset, some fields of whose document are others."""
    clients.submit(database, resolved(**(SMALL | changed)))
    job = take(database)
    held = Held(database, open_objects(settings), Hold(job.id, job.attempt))
    run = prepare_run(job.resolved, torch.device("cpu"), load("synthetic", settings.data))
    attempts.record_start(database, held.hold, "cpu", {}, run.preprocessing)
    state = initial_state(run)
    for _ in blocks(run, state, Eager(run)):
        pass
    keep_weights(held, run, state)
    attempts.end(database, held.hold, Ended("succeeded"))
    return Trained(lookup.get(database, job.id), run, state)
