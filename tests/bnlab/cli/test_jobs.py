"""The commands that queue jobs, look at them and describe them, against a served API."""

import json
import subprocess

import pytest

from bnlab import Client
from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended, Job, JobError
from jobs.storage.database import Database
from tests.support.command_line import bnlab
from tests.support.stranger import ID, end, page, stranger
from tests.support.stranger import job as answered


def ran(client: Client, *arguments: str) -> subprocess.CompletedProcess[str]:
    return bnlab(*arguments, url=client.url)


def test_a_job_is_shown_in_words_and_as_the_server_shows_it(client: Client, finished: Job) -> None:
    shown = ran(client, "show", finished.id)
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    for line in (
        f"id {finished.id}",
        "trains mlp, without BN",
        "status succeeded",
        "step 200 of 200",
        "network mlp, hidden 100 100 100, activation sigmoid, init normal, std 0.1",
        "data synthetic, batch size 60, normalize standardize",
        "optimizer sgd, learning rate 0.1",
        "seed 0",
    ):
        assert line in lines
    assert json.loads(ran(client, "show", finished.id, "--json").stdout) == client.job(finished.id)


def test_a_job_that_failed_is_shown_with_its_reason(client: Client, database: Database, running: Job) -> None:
    error = JobError("non_finite_loss", "the loss is NaN from step 3 on")
    attempts.end(database, Hold(running.id, running.attempt), Ended("failed", error))
    assert "the loss is NaN from step 3 on (non_finite_loss)" in ran(client, "show", running.id).stdout


def test_an_experiment_in_a_jobs_place_is_told_with_its_command_and_shown_by_it(client: Client) -> None:
    experiment = client.submit_experiment(variants={"a": {}})["id"]
    assert (
        f"{experiment} is an experiment: bnlab experiment show {experiment}" in ran(client, "show", experiment).stderr
    )
    shown = ran(client, "experiment", "show", experiment)
    assert (shown.returncode, shown.stdout.splitlines()[0]) == (0, f"{experiment} 1 queued")
    as_json = ran(client, "experiment", "show", experiment, "--json").stdout
    assert json.loads(as_json) == client.experiment(experiment)


def test_a_document_is_laid_out_without_queueing_it(client: Client) -> None:
    text = '{"architecture": "convnet", "batch_norm": true}'
    shown = ran(client, "validate", text)
    assert shown.returncode == 0
    assert "hidden1 linear 64 relu BN 100,480" in [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert "105,978 parameters" in shown.stdout
    assert json.loads(ran(client, "validate", text, "--json").stdout) == client.validate(text)
    refused = ran(client, "validate", '{"data": {"batch_size": 0}, "surprise": 1}')
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "/data/batch_size: " in refused.stderr
    assert client.jobs() == []


PATCHES = {
    "another rate": ('{"training": {"optimizer": {"learning_rate": 0.5}}}', "/training/optimizer/learning_rate", 0.5),
    "epochs in place of steps": ('{"training": {"epochs": 2}}', "/training/steps", 2 * 167),
    "another kind": ('{"training": {"optimizer": {"kind": "adam"}}}', "/training/optimizer/learning_rate", 0.001),
    "another preset": ('{"architecture": {"preset": "convnet"}}', "/architecture/activation", "relu"),
    "a name": ('{"name": "one"}', "/name", "one"),
    "nothing": ("{}", "/training/steps", 200),
}


@pytest.mark.parametrize("patch", PATCHES)
def test_a_job_like_another_differs_in_what_the_patch_names(client: Client, finished: Job, patch: str) -> None:
    text, place, value = PATCHES[patch]
    done = ran(client, "submit", "--like", finished.id[-5:], text)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    found = client.job(done.stdout.strip())["spec"]
    for part in place.removeprefix("/").split("/"):
        found = found[part]
    assert found == value
    assert client.validate(text, like=finished.id)["spec"] == client.job(done.stdout.strip())["spec"]


def test_a_patch_that_is_refused_names_the_place_in_the_whole_document(client: Client, finished: Job) -> None:
    refused = ran(client, "submit", "--like", finished.id, '{"data": {"batch_size": 0}}')
    assert (refused.returncode, "/data/batch_size: " in refused.stderr) == (1, True)
    assert "is no id" in ran(client, "submit", "--like", "?").stderr


@pytest.mark.parametrize(("status", "code"), [("succeeded", 0), ("failed", 1)])
def test_a_followed_job_is_json_alone_once_it_has_ended(status: str, code: int) -> None:
    ended = answered(status, latest={"test.accuracy": 0.5})
    answers = [page(**answered("queued")), page(**answered("running")), end(status), page(**ended)]
    with stranger(answers.__getitem__) as (url, asked):
        done = bnlab("submit", "--json", "--watch", url=url)
    assert (done.returncode, json.loads(done.stdout)) == (code, ended)
    assert f"{ID} {status} at step 1" in done.stderr
    assert len(asked) == len(answers)
