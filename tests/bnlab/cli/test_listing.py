"""The commands that find jobs and name them, against a served API."""

import json
import subprocess

import pytest

from bnlab import Client
from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Job
from jobs.lifecycle.scores import Score
from jobs.storage.database import Database
from tests.support.command_line import bnlab


def ran(client: Client, *arguments: str) -> subprocess.CompletedProcess[str]:
    return bnlab(*arguments, url=client.url)


def listed(client: Client, *arguments: str) -> list[str]:
    """The ids that a listing shows, in its table and as JSON alike."""
    as_json = [job["id"] for job in json.loads(ran(client, "jobs", *arguments, "--json").stdout)["jobs"]]
    table = ran(client, "jobs", *arguments)
    assert [line.split()[0] for line in table.stdout.splitlines()[1:]] == as_json, table.stderr
    return as_json


def test_jobs_are_found_by_options(client: Client, database: Database, running: Job) -> None:
    hold = Hold(running.id, running.attempt)
    attempts.record_progress(database, hold, 50, None, {"test.accuracy": Score(0.5, 0.9375, 20)})
    one = client.submit(name="baseline", tags=["paper", "x"])["id"]
    two = client.submit(name="other", tags=["paper"], batch_norm=True)["id"]
    experiment = client.submit_experiment(base={"data": {"dataset": "synthetic"}}, variants={"a": {}})
    of_it = experiment["jobs"][0]["id"]
    assert listed(client, "--status", "running", "--status", "paused") == [running.id]
    assert listed(client, "--name", "base") == [one]
    assert listed(client, "--tag", "paper") == [two, one]
    assert listed(client, "--bn") == [two]
    assert listed(client, "--no-bn", "--dataset", "mnist") == [one]
    assert listed(client, "--experiment", experiment["id"][-5:]) == [of_it]
    assert listed(client, "--where", "best.test.accuracy>0.9") == [running.id]
    assert listed(client, "--sort", "-test.accuracy", "--limit", "2") == [running.id, of_it]


def test_rows_have_the_fields_that_a_program_asks_for(client: Client) -> None:
    job_id = client.submit(name="a")["id"]
    done = ran(client, "jobs", "--json", "--fields", "name,spec_sha256")
    assert json.loads(done.stdout) == {"jobs": client.jobs(fields=["name", "spec_sha256"])}
    assert list(json.loads(done.stdout)["jobs"][0]) == ["id", "name", "spec_sha256"]
    refused = ran(client, "jobs", "--fields", "name")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "--fields is of --json" in refused.stderr
    assert job_id in ran(client, "jobs").stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--where", "test.acuracy>0.9"), "the nearest is 'test.accuracy'"),
        (("--sort", "colour"), "is nothing to sort by"),
        (("--status", "sleeping"), "status"),
        (("--json", "--fields", "spce"), "the nearest is 'spec'"),
    ],
)
def test_what_makes_no_sense_is_told(client: Client, options: tuple[str, ...], told: str) -> None:
    refused = ran(client, "jobs", *options)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert told in refused.stderr


def test_jobs_are_relabelled(client: Client) -> None:
    one, two = (client.submit(name="a", tags=["x"])["id"] for _ in range(2))
    done = ran(client, "label", one, two, "--name", "b", "--tag", "y", "--tag", "z", "--retain")
    assert done.stdout.splitlines() == [f"{job_id} b, y, z, kept" for job_id in (one, two)]
    assert json.loads(ran(client, "label", one, "--no-tags", "--no-retain", "--json").stdout) == client.job(one)
    job = client.job(one)
    assert (job["name"], job["tags"], job["retain"]) == ("b", [], False)
    assert ran(client, "label", one, "--name", "").stdout == f"{one}\n"
    assert client.job(one)["name"] is None
    for nothing in ((), ("--no-tags", "--tag", "x")):
        assert ran(client, "label", one, *nothing).returncode == 1
