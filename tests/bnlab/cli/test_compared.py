"""What is set side by side: jobs, and the groups of experiments."""

import pytest

from bnlab import Client
from bnlab.cli.compared import find
from bnlab.errors import CannotRun
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support import recorded_jobs


def test_a_job_comes_with_the_last_and_the_best_of_what_was_asked(client: Client, finished: Job) -> None:
    (job,) = find(client, [finished.id], ["test.accuracy", "rank.hidden1.rank"]).compared
    assert (job.is_job, job.succeeded, job.status, job.jobs) == (True, True, "succeeded at step 200", (finished.id,))
    assert job.cells == {"test.accuracy": "0.0050", "best test.accuracy": "0.5000"}  # 1 / 202, and 1 / 2 at step 0
    assert job.answer["series"]["test.accuracy"]["last"] == pytest.approx(1 / 202)
    assert "rank.hidden1.rank" not in job.answer["series"]


def test_an_experiment_comes_as_its_groups_with_their_differences(
    client: Client, database: Database, settings: Settings
) -> None:
    experiment = recorded_jobs.finish_experiment(client, database, settings)
    found = find(client, [experiment["id"]], ["test.accuracy"])
    assert [(each.name, each.is_job, each.status) for each in found.compared] == [
        ("without BN", False, "2 of 2 succeeded"),
        ("with BN", False, "2 of 2 succeeded"),
    ]
    for each, group in zip(found.compared, client.experiment(experiment["id"])["groups"], strict=True):
        ends = each.ends["test.accuracy"]
        finals = [seed["measured"]["final_accuracy"] for seed in group["seeds"]]
        assert [dot.low for dot in ends.dots] == pytest.approx(finals)  # one of them was a float32
        assert ends.estimate is not None
    ((of, differences),) = found.differences.items()
    assert of == (experiment["id"], "test.accuracy")
    assert [(each["variant"], each["minus"]) for each in differences] == [("with BN", "without BN")]


def test_an_id_of_nothing_is_told(client: Client) -> None:
    with pytest.raises(CannotRun, match="neither a job nor an experiment '0000000000000'"):
        find(client, ["0000000000000"], ["test.accuracy"])
