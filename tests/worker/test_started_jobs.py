"""A real worker trains jobs that start from others: what is copied before they are queued is what they go on from."""

import json
from functools import partial
from typing import Any

import pytest

from bn.architecture.tensors import layer_of
from jobs.lifecycle import artifacts, clients, starting
from jobs.lifecycle.datasets import known
from jobs.lifecycle.job import Job, Status
from jobs.models.sources import source_of
from jobs.models.weights import tensors_under
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.support.workers import wait_for

DOCUMENT: dict[str, Any] = {
    "architecture": {"preset": "mlp", "hidden": [20, 20]},
    "batch_norm": True,
    "data": {"dataset": "synthetic", "batch_size": 20, "train_samples": 1000, "normalize": "whiten"},
    "evaluation": {"every": 50},
    "recording": {"probe_size": 100},
    "resources": {"engine": "eager"},
}


@pytest.mark.usefixtures("worker")
def test_a_job_that_trains_on_ends_as_one_job_of_all_the_steps_and_frozen_layers_stay_as_they_were(
    settings: Settings, database: Database, objects: Objects
) -> None:
    def trained(steps: int, **initial: Any) -> Job:
        document = DOCUMENT | {"training": {"steps": steps, "optimizer": {"kind": "momentum"}}}
        document |= {"initial": initial} if initial else {}
        resolved = check(json.dumps(document), known(database, settings, partial(source_of, database, objects)))
        job = wait_for(database, starting.submit(database, objects, resolved))
        assert job.status is Status.SUCCEEDED, job.error
        return job

    def weights_of(job: Job) -> str:
        return artifacts.of_kind(database, "weights", [job.id])[job.id].sha256

    def bits_of(job: Job) -> dict[str, bytes]:
        stored = artifacts.of_kind(database, "weights", [job.id])[job.id]
        return {name: tensor.tobytes() for name, tensor in tensors_under(objects.read(stored)).items()}

    first, whole = trained(40), trained(80)
    second = trained(40, job=first.id, optimizer="copy")
    frozen = trained(40, job=first.id, frozen=["hidden1"])
    matrices = artifacts.of_kind(database, "whitening", [first.id, second.id, whole.id])
    assert len(matrices) == 3
    assert len({stored.sha256 for stored in matrices.values()}) == 1
    before, after = bits_of(first), bits_of(frozen)
    assert {layer_of(name) for name in before if before[name] == after[name]} == {"hidden1"}
    assert all(before[name] == after[name] for name in before if layer_of(name) == "hidden1")
    clients.remove(database, objects, first.id)
    third = trained(1, job=second.id, optimizer="copy")
    assert weights_of(second) == weights_of(whole)
    assert third.resolved.spec.initial is not None
    assert third.resolved.spec.initial.step == 80
