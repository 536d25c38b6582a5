"""A dataset that is not in the server's data folder: said when a job is submitted, with the command that brings it."""

from typing import Any

import httpx
import pytest

from jobs.settings import Settings
from tests.support.placeholders import put_files
from tests.support.serving import assert_problem

ABSENT = {"data": {"dataset": "cifar10"}}
SYNTHETIC = {"data": {"dataset": "synthetic"}}
JSON = {"content-type": "application/json"}


def refused(client: httpx.Client, path: str, document: dict[str, Any], settings: Settings) -> str:
    """The pointer of the one error, which gives the way out."""
    problem = assert_problem(client.post(path, json=document), 422, "invalid_spec")
    (error,) = client.post(path, json=document).json()["errors"]
    assert "dataset 'cifar10' is not in the data folder" in error["message"]
    assert f"BNLAB_DATA={settings.data.resolve()} bnlab data fetch cifar10" in str(problem["detail"])
    return str(error["pointer"])


@pytest.mark.parametrize("path", ["/jobs", "/jobs/validate"])
def test_a_job_is_refused_until_its_dataset_is_there(client: httpx.Client, settings: Settings, path: str) -> None:
    assert refused(client, path, ABSENT, settings) == "/data/dataset"
    assert client.get("/jobs").json()["jobs"] == []
    put_files(settings.data, "cifar10")
    assert client.post(path, json=ABSENT).is_success


EXPERIMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "the base": ({"base": ABSENT, "variants": {"a": {}}}, "/base/data/dataset"),
    "a variant": ({"base": SYNTHETIC, "variants": {"a": {}, "b": ABSENT}}, "/variants/b/data/dataset"),
    "the grid": (
        {"base": SYNTHETIC, "variants": {"a": {}}, "grid": {"/data/dataset": ["synthetic", "cifar10"]}},
        "/grid/~1data~1dataset/1",
    ),
}


@pytest.mark.parametrize(("document", "pointer"), EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_an_experiment_is_refused_where_it_names_the_dataset(
    client: httpx.Client, settings: Settings, document: dict[str, Any], pointer: str
) -> None:
    assert refused(client, "/experiments", document, settings) == pointer
    assert client.get("/jobs").json()["jobs"] == []


def test_a_base_of_a_dataset_that_no_job_trains_on_is_fine(client: httpx.Client) -> None:
    document = {"base": ABSENT, "variants": {"a": SYNTHETIC}}
    assert client.post("/experiments", json=document).status_code == 202


def test_seeds_are_not_added_once_the_dataset_is_gone(client: httpx.Client, settings: Settings) -> None:
    put_files(settings.data, "cifar10")
    experiment = client.post("/experiments", json={"base": ABSENT, "variants": {"a": {}}}).json()
    (settings.data / "datasets" / "cifar10" / "data_batch_1.bin").unlink()
    assert refused(client, f"/experiments/{experiment['id']}/seeds", {"seeds": 1}, settings) == "/seeds"


def test_a_job_is_retried_whatever_became_of_its_dataset(client: httpx.Client, settings: Settings) -> None:
    put_files(settings.data, "cifar10")
    job = client.post("/jobs", json=ABSENT).json()
    client.post(f"/jobs/{job['id']}/cancel", headers=JSON)
    (settings.data / "datasets" / "cifar10" / "data_batch_1.bin").unlink()
    assert client.post(f"/jobs/{job['id']}/retry", headers=JSON).status_code == 202
