"""What a job's network gets wrong, over HTTP: it is what the network itself says of the test part."""

import sys
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from api.predicting import amounts
from api.routes import mistakes as route
from jobs.datasets.loading import load_test
from jobs.lifecycle import datasets
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support import asked_jobs, own_data
from tests.support.asked_jobs import Trained
from tests.support.serving import assert_problem

OWN = {"dataset": "own", "train_samples": 20, "batch_size": 20}
LINEAR = {"layers": [{"kind": "flatten"}, {"kind": "linear", "features": 4}, {"kind": "linear", "features": 10}]}


@pytest.fixture(scope="module")
def path(trained: Trained) -> str:
    return f"/jobs/{trained.job.id}/mistakes"


@pytest.fixture
def of_own_data(database: Database, settings: Settings) -> str:
    """The same of a job on twenty images that somebody has uploaded."""
    own_data.put(database, open_objects(settings), classes=("cat", "dog"))
    return f"/jobs/{asked_jobs.train(database, settings, data=OWN).job.id}/mistakes"


def test_the_most_convinced_mistakes_come_first_with_their_inputs(
    client: httpx.Client, path: str, trained: Trained
) -> None:
    images, labels = load_test("synthetic", Path())
    logits = trained.logits(images).astype(np.float64)
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    predicted = logits.argmax(1)
    said = client.get(f"{path}?limit=100").raise_for_status().json()
    wrong = np.flatnonzero(predicted != labels)
    assert [said[name] for name in ("job", "step", "checkpoint")] == [trained.job.id, 10, "final"]
    assert [said[name] for name in ("tested", "of", "wrong", "not_finite")] == [2000, 2000, len(wrong), 0]
    shown = said["mistakes"]
    assert len(shown) == 100
    convinced = np.sort(probabilities.max(1)[wrong])[::-1][:100]
    assert [each["probability"] for each in shown] == pytest.approx(convinced, abs=1e-5)
    for each in shown:
        index = each["index"]
        assert each["input"] == images[index].tolist()
        assert (each["label"], each["predicted"]) == (str(labels[index]), str(predicted[index]))
        assert each["label_probability"] == pytest.approx(probabilities[index, labels[index]], abs=1e-5)
    assert len(client.get(path).json()["mistakes"]) == 20


def test_where_all_would_take_long_some_spread_over_the_test_part_are_asked(
    client: httpx.Client, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked_jobs.train(database, settings).job
    plan = job.resolved.plan
    monkeypatch.setattr(amounts, "BUDGET", 150 * amounts.BUDGET // amounts.affordable(plan))
    said = client.get(f"/jobs/{job.id}/mistakes?limit=100").json()
    assert (said["tested"], said["of"]) == (150, 2000)
    assert {each["index"] % (2000 // 50) for each in said["mistakes"]} <= {0, 13, 26}


def test_of_large_inputs_there_are_fewer(client: httpx.Client, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "MOST_VALUES", 3 * 784)
    assert len(client.get(path).json()["mistakes"]) == 3


def test_who_has_the_answer_is_told_so_and_a_network_is_tested_once(
    client: httpx.Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(path)
    monkeypatch.setattr(amounts, "BUDGET", 1)
    assert client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    fewer = client.get(f"{path}?limit=5", headers={"If-None-Match": first.headers["etag"]})
    assert (fewer.json()["tested"], fewer.json()["mistakes"]) == (2000, first.json()["mistakes"][:5])


def test_classes_have_their_names(client: httpx.Client, of_own_data: str) -> None:
    said = client.get(of_own_data).json()
    assert said["classes"] == ["cat", "dog"]
    assert 0 < said["wrong"] == len(said["mistakes"]) < said["tested"] == 10
    assert {frozenset((each["label"], each["predicted"])) for each in said["mistakes"]} == {frozenset(("cat", "dog"))}


def test_of_a_network_that_diverged_no_mistakes_are_told(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    wild = {"steps": 10, "optimizer": {"learning_rate": 1e30}, "on_non_finite": "continue"}
    job = asked_jobs.train(database, settings, training=wild, architecture=LINEAR, batch_norm=False).job
    said = client.get(f"/jobs/{job.id}/mistakes").json()
    assert (said["not_finite"], said["wrong"], said["mistakes"]) == (said["tested"], 0, [])


def test_a_dataset_that_was_deleted_and_a_job_without_a_network_have_none(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    own_data.put(database, open_objects(settings), name="brief")
    job = asked_jobs.train(database, settings, data={**OWN, "dataset": "brief"}).job
    datasets.remove(database, open_objects(settings), "brief")
    assert "'brief' is not here" in str(
        assert_problem(client.get(f"/jobs/{job.id}/mistakes"), 503, "dataset_unavailable")["detail"]
    )
    queued: Any = client.post("/jobs", json={"data": {"dataset": "synthetic"}}).json()["id"]
    problem = assert_problem(client.get(f"/jobs/{queued}/mistakes"), 409, "no_weights_yet")
    assert "wait until it runs" in str(problem["detail"])
    assert_problem(client.get(f"/jobs/{job.id}/mistakes?checkpoint=best"), 409, "no_best")
    assert_problem(client.get(f"/jobs/{job.id}/mistakes?limit=101"), 422, "invalid_query")


def test_without_onnxruntime_the_extra_is_named(
    client: httpx.Client, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked_jobs.train(database, settings).job
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    problem = assert_problem(client.get(f"/jobs/{job.id}/mistakes"), 501, "predict_unavailable")
    assert "bnlab[predict]" in str(problem["detail"])
