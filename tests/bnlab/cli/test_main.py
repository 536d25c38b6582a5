"""The commands as processes of their own, against a served API; jobs are recorded without training anything."""

import csv
import json
import subprocess
from contextlib import closing
from io import StringIO
from pathlib import Path

import httpx
import pytest

from bnlab import Client
from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended, Job, JobError
from jobs.settings import Settings
from jobs.storage.database import Database, open_database
from tests.support import recorded_jobs
from tests.support.command_line import BNLAB, bnlab, environment

LINEAR = '{"preset": "mlp", "activation": "none"}'  # in which batch normalization has no place
TEXT = f'{{"name": "one", "architecture": {LINEAR}, "batch_norm": true, "training": {{"steps": 7}}}}'


@pytest.fixture
def failed(database: Database, running: Job) -> Job:
    error = JobError("non_finite_loss", "the loss is NaN from step 3 on")
    attempts.end(database, Hold(running.id, running.attempt), Ended("failed", error))
    return running


@pytest.mark.parametrize("way", ["json", "file", "stdin"])
def test_submit_queues_a_document_and_prints_its_id(client: Client, tmp_path: Path, way: str) -> None:
    file = tmp_path / "job.json"
    file.write_text(TEXT)
    document = {"json": TEXT, "file": str(file), "stdin": "-"}[way]
    done = bnlab("submit", document, said=TEXT if way == "stdin" else "", url=client.url)
    assert done.returncode == 0
    (job,) = client.jobs(fields=["spec", "warnings"])
    assert done.stdout == f"{job['id']}\n"
    assert (job["spec"]["name"], job["spec"]["training"]["steps"]) == ("one", 7)
    assert done.stderr == "".join(f"warning: {warning}\n" for warning in job["warnings"])
    assert "batch_norm changes nothing" in done.stderr


def test_submit_alone_queues_the_job_of_an_empty_document(client: Client) -> None:
    assert bnlab("submit", url=client.url).returncode == 0
    assert [job["spec"] for job in client.jobs(fields=["spec"])] == [client.validate()["spec"]]


def test_jobs_lists_the_newest_first_and_those_of_a_status(client: Client, finished: Job) -> None:
    queued = client.submit(name="[b]one")["id"]
    listed = bnlab("jobs", url=client.url).stdout.splitlines()[1:]
    assert [line.split()[:3] for line in listed] == [
        [queued, "queued", "0/10000"],
        [finished.id, "succeeded", "200/200"],
    ]
    assert listed[0].rstrip().endswith(" [b]one")
    assert listed[1].split()[3] == f"{1 / 202:.4f}"  # the accuracy at the last step
    only = bnlab("jobs", "--status", "succeeded", url=client.url).stdout
    assert finished.id in only
    assert queued not in only
    assert finished.id not in bnlab("jobs", "--limit", "1", url=client.url).stdout


def test_metrics_prints_the_csv_of_the_server(client: Client, finished: Job) -> None:
    with httpx.Client(base_url=f"{client.url}/jobs/{finished.id}/", trust_env=False) as plain:

        def served(query: str) -> str:
            return plain.get(f"metrics?format=csv{query}").text

        def printed(*options: str) -> str:
            return bnlab("metrics", finished.id, *options, url=client.url).stdout

        assert printed() == served("")
        assert printed("--table", "test") == served("&table=test") != served("")
        assert printed("--points", "10") == served("&points=10") != served("")
        steps = [row["step"] for row in csv.DictReader(StringIO(printed("--from", "5", "--to", "7")))]
    assert steps == ["5", "6", "7"]


def test_metrics_as_json_has_both_tables(client: Client, finished: Job) -> None:
    whole = bnlab("metrics", finished.id, "--json", url=client.url)
    assert json.loads(whole.stdout) == client.metrics(finished.id)
    part = bnlab("metrics", finished.id, "--json", "--from", "101", "--points", "5", url=client.url)
    assert json.loads(part.stdout) == client.metrics(finished.id, start=101, points=5)


def test_metrics_for_a_reader_that_has_seen_enough_ends_without_a_word(client: Client, finished: Job) -> None:
    command = [BNLAB, "metrics", finished.id]
    with subprocess.Popen(
        command, env=environment(url=client.url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_watch_of_a_job_that_went_well_ends_well(client: Client, finished: Job) -> None:
    watched = bnlab("watch", finished.id, url=client.url)
    assert (watched.returncode, watched.stderr) == (0, "")
    ended, found, *_ = watched.stdout.splitlines()
    assert ended.startswith(f"{finished.id} succeeded at step 200, test accuracy 0.0050")
    assert found == "findings: 1, of 17 rules, up to step 200"


def test_watch_fails_where_one_of_the_jobs_failed_and_says_why(
    client: Client, database: Database, settings: Settings, failed: Job
) -> None:
    other = recorded_jobs.finish(database, settings, recorded_jobs.start(database, settings))
    watched = bnlab("watch", failed.id, other.id, url=client.url)
    assert (watched.returncode, watched.stderr) == (1, "")
    first, second, *found = watched.stdout.splitlines()
    assert [line for line in found if not line.startswith(" ")] == [
        failed.id,
        "findings: none yet; no step is recorded",
        other.id,
        "findings: 1, of 17 rules, up to step 200",
    ]
    assert first == f"{failed.id} failed at step 0: the loss is NaN from step 3 on (mlp, without BN, {failed.id[-5:]})"
    assert second.startswith(f"{other.id} succeeded at step 200")


def test_watch_follows_a_job_that_goes_on_until_its_end(
    url: str, settings: Settings, running: Job, finished: Job
) -> None:
    assert finished.id == running.id
    done = bnlab("watch", finished.id, url=url)
    assert (done.returncode, done.stdout.splitlines()[0]) == (
        0,
        f"{finished.id} succeeded at step 200, test accuracy 0.0050 (mlp, without BN)",
    )
    with closing(open_database(settings)) as database:
        other = recorded_jobs.start(database, settings)
        following = subprocess.Popen(
            [BNLAB, "watch", other.id], env=environment(url=url), stdout=subprocess.PIPE, text=True
        )
        attempts.end(database, Hold(other.id, 1), Ended("cancelled"))
        output, _ = following.communicate(timeout=60)
    assert (following.returncode, output.startswith(f"{other.id} cancelled at step 0")) == (1, True)
