"""Jobs that start from another job's network: what is refused before they are queued, and what they then have."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import torch
from safetensors.torch import save

from bn.network import build
from jobs.lifecycle import artifacts, attempts, lookup
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended, Job
from jobs.settings import Settings
from jobs.storage import keys
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects

Keep = Callable[..., None]


@pytest.fixture
def keep(database: Database, settings: Settings, running: Job) -> Keep:
    """Makes weights the running job's own, as they were drawn, but for what is changed; then the job ends."""

    def kept(**changed: torch.Tensor) -> None:
        tensors = build(running.resolved.plan, 3).state_dict()
        for name, tensor in changed.items():
            tensors[name.replace("__", ".")] = tensor
        stored = open_objects(settings).put(keys.of_weights(running.id, 1), save(tensors))
        with database.write() as connection:
            artifacts.keep(connection, running.id, Artifact("weights", running.resolved.steps, stored))
        attempts.end(database, Hold(running.id, 1), Ended("succeeded"))

    return kept


def document_of(job: Job, **initial: Any) -> dict[str, Any]:
    return job.resolved.document | {"initial": {"job": job.id, **initial}}


def sha256_of(client: httpx.Client, job: Job) -> str:
    """Of the weights that a job would start from."""
    return str(client.post("/jobs/validate", json=document_of(job)).json()["spec"]["initial"]["sha256"])


def faults(client: httpx.Client, document: dict[str, Any]) -> dict[str, str]:
    """By pointer what is wrong with a document, which nothing is queued of."""
    posted, judged = (client.post(path, json=document) for path in ("/jobs", "/jobs/validate"))
    assert posted.status_code == judged.status_code == 422
    return {each["pointer"]: each["message"] for each in posted.json()["errors"]}


def test_a_job_has_the_network_that_it_starts_from_whatever_becomes_of_the_other_one(
    client: httpx.Client, database: Database, settings: Settings, running: Job, keep: Keep
) -> None:
    keep()
    (weights,) = (each for each in artifacts.of(database, running.id) if each.kind == "weights")
    answer = client.post("/jobs", json=document_of(running, frozen=[]))
    assert answer.status_code == 202
    job = answer.json()
    assert job["spec"]["initial"]["sha256"] == weights.stored.sha256
    assert job["spec"]["initial"]["step"] == running.resolved.steps
    assert client.delete(f"/jobs/{running.id}").status_code == 204
    (initial,) = artifacts.of(database, job["id"])
    assert (initial.kind, initial.stored.sha256) == ("initial", weights.stored.sha256)
    assert len(open_objects(settings).read(initial.stored)) == weights.stored.bytes
    assert "was deleted" in faults(client, job["spec"])["/initial/job"]


@pytest.mark.parametrize("start", ["checkpoint", "scratch"])
def test_a_retry_has_it_too(client: httpx.Client, database: Database, running: Job, keep: Keep, start: str) -> None:
    keep()
    job = client.post("/jobs", json=document_of(running)).json()
    client.post(f"/jobs/{job['id']}/cancel")
    retried = client.post(f"/jobs/{job['id']}/retry", params={"from": start}).json()
    assert retried["id"] != job["id"]
    (initial,) = artifacts.of(database, retried["id"])
    assert initial.kind == "initial"
    assert lookup.get(database, retried["id"]).device is None


def test_a_job_without_weights_says_what_to_wait_for(client: httpx.Client, running: Job) -> None:
    assert "wait for its first checkpoint" in faults(client, document_of(running))["/initial/job"]


def test_what_does_not_fit_is_named_before_anything_is_queued(client: httpx.Client, running: Job, keep: Keep) -> None:
    keep()
    assert "no job" in faults(client, document_of(running) | {"initial": {"job": "0" * 13}})["/initial/job"]
    assert "evaluation.keep" in faults(client, document_of(running, checkpoint="best"))["/initial/checkpoint"]
    assert "the nearest is 'hidden1'" in faults(client, document_of(running, layers=["hiden1"]))["/initial/layers/0"]
    assert "nothing is left to train" in faults(client, document_of(running, frozen=["*"]))["/initial/frozen"]
    assert "say 'reset'" in faults(client, document_of(running, optimizer="copy"))["/initial/optimizer"]
    wider = document_of(running) | {"architecture": {"preset": "mlp", "hidden": [7]}}
    assert "'hidden1.transform.weight' has the shape [100, 784]" in client.post("/jobs", json=wider).text
    assert "any more" in faults(client, document_of(running, sha256="0" * 64))["/initial/sha256"]
    assert f"of step {running.resolved.steps}" in faults(client, document_of(running, step=1))["/initial/step"]
    best = document_of(running, sha256=sha256_of(client, running), checkpoint="best")
    assert "no 'best' network" in faults(client, best)["/initial/sha256"]


def test_of_the_layers_that_are_named_each_has_to_be_in_both_networks(
    client: httpx.Client, running: Job, keep: Keep
) -> None:
    keep()
    fewer = document_of(running, layers=["hidden*"]) | {"architecture": {"preset": "mlp", "hidden": [100]}}
    assert "'hidden2.transform.weight' that this network has not" in client.post("/jobs", json=fewer).text
    assert client.post("/jobs", json=fewer | {"initial": {"job": running.id, "layers": ["hidden1"]}}).status_code == 202


def test_a_network_that_diverged_is_refused_by_its_first_tensor(client: httpx.Client, running: Job, keep: Keep) -> None:
    keep(hidden1__transform__bias=torch.full((100,), torch.nan))
    assert "'hidden1.transform.bias'" in faults(client, document_of(running))["/initial/job"]


def test_an_experiment_has_no_such_members(client: httpx.Client, running: Job) -> None:
    answer = client.post("/experiments", json={"base": document_of(running), "variants": {"a": {}}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/base/initial"
