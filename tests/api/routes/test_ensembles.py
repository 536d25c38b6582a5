"""An experiment's networks evaluated together."""

import io

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from jobs.datasets.loading import load
from jobs.lifecycle import attempts, scores
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Job
from jobs.lifecycle.scores import Score
from jobs.settings import Settings
from jobs.storage import keys
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support.asked_experiments import submitted
from tests.support.disk import change
from tests.support.recorded_jobs import take
from tests.support.serving import assert_problem


def keep_probabilities(database: Database, settings: Settings, job: Job, wrong: slice) -> None:
    """Probabilities that are right but for some test examples, on which the job is only half sure of another class."""
    labels = load("synthetic", settings.data).test_labels
    kept = np.full((len(labels), 10), 0.01, np.float32)
    kept[np.arange(len(labels)), labels] = 0.9
    kept[np.arange(len(labels))[wrong], labels[wrong]] = 0.4
    kept[np.arange(len(labels))[wrong], (labels[wrong] + 1) % 10] = 0.5
    keep(database, settings, job, kept)


def keep(database: Database, settings: Settings, job: Job, kept: NDArray[np.float32]) -> None:
    file = io.BytesIO()
    np.save(file, kept)
    stored = open_objects(settings).put(keys.of_probabilities(job.id, 1), file.getvalue())
    attempts.record_probabilities(database, Hold(job.id, 1), Artifact("probabilities", job.steps, stored))


def test_members_are_evaluated_together(client: httpx.Client, database: Database, settings: Settings) -> None:
    path = f"/experiments/{submitted(client, grid={})['id']}/ensemble"
    nothing = assert_problem(client.get(path), 409, "not_allowed")
    assert "it takes evaluation.probabilities" in str(nothing["detail"])
    for i in range(3):
        keep_probabilities(database, settings, take(database), slice(200 * i, 200 * (i + 1)))
    answer = client.get(path).json()
    assert [member["accuracy"] for member in answer["members"]] == pytest.approx([0.9] * 3)
    assert answer["accuracy"] == 1.0  # two that are sure outvote one that is not
    assert answer["over_mean"]["centre"] == pytest.approx(0.1)
    assert 0.09 < answer["over_mean"]["low"] < 0.1 < answer["over_mean"]["high"] < 0.11
    alone = client.get(path, params={"variant": "with BN"}).json()
    assert (len(alone["members"]), alone["over_mean"]["centre"]) == (1, 0.0)
    unknown = assert_problem(client.get(path, params={"variant": "nope"}), 422, "invalid_query")
    assert "'nope' is no variant of this experiment" in str(unknown["detail"])


def test_what_is_gained_over_the_best_member_is_over_the_one_that_validation_likes_best(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    path = f"/experiments/{submitted(client, grid={}, seeds=1)['id']}/ensemble"
    liked, best_on_test = take(database), take(database)
    keep_probabilities(database, settings, liked, slice(0, 400))
    keep_probabilities(database, settings, best_on_test, slice(400, 600))
    unknown = client.get(path).json()
    assert (unknown["over_chosen"], unknown["chosen"]) == (None, None)
    with database.write() as connection:
        for job, accuracy in ((liked, 0.95), (best_on_test, 0.94)):
            scores.keep(connection, job.id, {"validation.accuracy": Score(accuracy)})
    answer = client.get(path).json()
    assert [member["validation"] for member in answer["members"]] == [0.95, 0.94]
    assert answer["chosen"] == liked.id
    assert answer["over_chosen"]["centre"] == pytest.approx(answer["accuracy"] - 0.8)


def test_an_ensemble_is_of_the_members_that_can_be_read_and_names_the_others(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    path = f"/experiments/{submitted(client, grid={}, seeds=1)['id']}/ensemble"
    for wrong in (slice(0, 200), slice(200, 600)):
        job = take(database)
        keep_probabilities(database, settings, job, wrong)
    change(open_objects(settings), keys.of_probabilities(job.id, 1), lambda _: b"")
    answer = client.get(path).json()
    assert [member["accuracy"] for member in answer["members"]] == pytest.approx([0.9])
    assert answer["damaged"].keys() == {job.id}


def test_a_network_that_diverged_is_no_member_of_an_ensemble_and_is_named(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    path = f"/experiments/{submitted(client, grid={}, seeds=1)['id']}/ensemble"
    keep_probabilities(database, settings, take(database), slice(0, 200))
    diverged = take(database)
    keep(database, settings, diverged, np.full((2000, 10), np.nan, np.float32))
    answer = client.get(path).json()
    assert answer["accuracy"] == pytest.approx(0.9)
    assert answer["damaged"] == {diverged.id: "its probabilities are not finite: the training diverged"}


def test_members_of_different_classes_make_no_ensemble(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    variants = {"digits": {"data": {"dataset": "mnist"}}, "shapes": {}}
    path = f"/experiments/{submitted(client, grid={}, variants=variants, seeds=1)['id']}/ensemble"
    for _ in range(2):
        keep_probabilities(database, settings, take(database), slice(0, 10))
    refused = assert_problem(client.get(path), 409, "not_allowed")
    assert "members of one ensemble know the same classes; these are of mnist, synthetic" in str(refused["detail"])
