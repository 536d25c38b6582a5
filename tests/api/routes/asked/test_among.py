"""An input that is asked among some of the test part, and so has a batch."""

from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from api.predicting import amounts
from jobs.datasets.loading import load
from jobs.lifecycle import datasets
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support import asked_jobs, own_data
from tests.support.asked_jobs import Trained
from tests.support.serving import assert_problem

PIXELS = np.random.default_rng(0).integers(0, 256, (150, 1, 28, 28), dtype=np.uint8)
TWO = PIXELS[:2, 0].tolist()


@pytest.fixture(scope="module")
def path(trained: Trained) -> str:
    return f"/jobs/{trained.job.id}/predict"


def test_one_input_among_some_of_the_test_part_is_answered_alone(
    client: httpx.Client, path: str, trained: Trained
) -> None:
    test = load("synthetic", Path()).test_images
    expected = trained.logits(np.concatenate([PIXELS[:1], test[:: len(test) // 4][:4]]), by_batch=True)[:1]
    answer = client.post(f"{path}?normalization=batch&among=4", json={"inputs": PIXELS[:1].tolist()})
    found = np.array(answer.raise_for_status().json()["logits"])
    assert abs(found - expected).max() < 1e-5 * abs(expected).max()
    assert answer.json()["among"] == 4


def test_by_running_statistics_no_input_is_among_others(client: httpx.Client, path: str) -> None:
    problem: Any = assert_problem(client.post(f"{path}?among=4", json={"inputs": TWO}), 422, "invalid_query")
    assert "say normalization=batch" in problem["errors"][0]["message"]


def test_so_many_as_do_not_fit_at_once_are_among_no_others(
    client: httpx.Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amounts, "LARGEST", 100 * 784 * amounts.ITEM)
    answer = client.post(f"{path}?normalization=batch&among=99", json={"inputs": TWO})
    problem = assert_problem(answer, 413, "too_many_inputs")
    assert "at most 100: these are 101" in str(problem["detail"])


def test_of_a_test_part_there_are_at_most_all_and_of_one_that_was_deleted_none(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    objects = open_objects(settings)
    own_data.put(database, objects)
    job = asked_jobs.train(database, settings, data={"dataset": "own", "train_samples": 20, "batch_size": 20}).job
    asked = f"/jobs/{job.id}/predict?normalization=batch&among=50"
    image = {"inputs": [[0] * 64]}
    assert client.post(asked, json=image).json()["among"] == 10
    datasets.remove(database, objects, "own")
    assert "'own' is not here" in str(assert_problem(client.post(asked, json=image), 503, "dataset_unavailable"))
