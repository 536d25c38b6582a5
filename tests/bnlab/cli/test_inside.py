"""`bnlab layers`, and the findings that `bnlab watch` ends with."""

import json

import pytest

from bnlab import Client
from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended
from jobs.series.read.reader import Series
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support.command_line import bnlab
from tests.support.evidence import run_of, store
from tests.support.small_runs import recorded
from tests.support.stranger import ID, Answer, end, job, page, problem, stranger


@pytest.fixture
def saturated(database: Database, settings: Settings) -> Series:
    """A job with a tanh network whose weights were drawn with an sd of 1."""
    architecture = {"preset": "mlp", "activation": "tanh", "init": {"scheme": "normal", "std": 1.0}}
    run = run_of(architecture=architecture, training={"steps": 100})
    return store(database, settings, run, recorded(run))


def test_layers_are_rows_with_findings_under_them(client: Client, saturated: Series) -> None:
    shown = bnlab("layers", saturated.job.id, url=client.url)
    assert shown.returncode == 0, shown.stderr
    rows = [line.split()[0] for line in shown.stdout.splitlines() if line and not line.startswith(" ")]
    assert rows == ["layer", "hidden1", "hidden2", "hidden3", "output", "findings:"]
    assert "is saturated, from step 1 on" in shown.stdout
    assert "try: a smaller initial sd" in shown.stdout
    assert "…" not in shown.stdout  # a pipe is as wide as it need be


def test_a_program_gets_the_summary_of_the_layers_and_the_findings(client: Client, saturated: Series) -> None:
    answer = json.loads(bnlab("layers", "--json", saturated.job.id, url=client.url).stdout)
    assert answer["layers"] == client.summary(saturated.job.id, "activations")["activations"]
    assert answer["findings"] == client.findings(saturated.job.id)["findings"]
    assert [each["rule"] for each in answer["findings"]] == ["saturated"]


def test_of_a_job_that_has_recorded_nothing_no_row_is_shown(client: Client) -> None:
    shown = bnlab("layers", client.submit()["id"], url=client.url)
    assert (shown.returncode, shown.stdout) == (0, "findings: none yet; no step is recorded\n")


def test_watch_ends_with_the_findings(client: Client, database: Database, saturated: Series) -> None:
    attempts.end(database, Hold(saturated.job.id, saturated.job.attempt), Ended("succeeded"))
    shown = bnlab("watch", saturated.job.id, url=client.url)
    assert shown.returncode == 0, shown.stderr
    assert "findings: 1, of 17 rules, up to step 100" in shown.stdout


REFUSALS = {
    "was deleted": (410, "gone"),
    "is of an older release": (404, "not_found"),
    "has a document that this release refuses": (422, "invalid_spec"),
}


@pytest.mark.parametrize("why", REFUSALS)
def test_watch_keeps_its_exit_code_where_findings_cannot_be_had(why: str) -> None:
    found = page(jobs=[job("succeeded")], next=None)
    answers = [found, page(**job("running")), end("succeeded"), page(**job("succeeded")), problem(*REFUSALS[why], why)]
    with stranger(answers.__getitem__) as (url, _):
        done = bnlab("watch", ID, url=url)
    assert (done.returncode, "succeeded at step 1" in done.stdout) == (0, True), done.stderr
    assert done.stderr == f"warning: no findings of {ID}: {why}\n"


@pytest.mark.parametrize(("status", "code"), [("succeeded", 0), ("failed", 1)])
def test_a_job_that_is_deleted_as_it_ends_has_ended_as_it_did(status: str, code: int) -> None:
    gone = problem(410, "gone", "was deleted")
    answers = [page(jobs=[job("running")], next=None), page(**job("running")), end(status), gone, gone]
    with stranger(answers.__getitem__) as (url, _):
        done = bnlab("watch", ID, url=url)
    assert (done.returncode, f"{ID} {status}" in done.stdout) == (code, True), done.stderr


def test_a_job_that_is_deleted_while_it_is_watched_is_asked_for_no_findings() -> None:
    answers: list[Answer] = [page(jobs=[job("running")], next=None), page(**job("running")), end("deleted")]
    with stranger(answers.__getitem__) as (url, asked):
        done = bnlab("watch", ID, url=url)
    assert (done.returncode, done.stderr) == (1, "")
    assert len(asked) == len(answers)
