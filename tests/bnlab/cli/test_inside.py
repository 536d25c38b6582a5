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
    assert (shown.returncode, shown.stdout) == (0, "findings: none; 17 rules see nothing wrong before its first step\n")


def test_watch_ends_with_the_findings(client: Client, database: Database, saturated: Series) -> None:
    attempts.end(database, Hold(saturated.job.id, saturated.job.attempt), Ended("succeeded"))
    shown = bnlab("watch", saturated.job.id, url=client.url)
    assert shown.returncode == 0, shown.stderr
    assert "findings: 1, of 17 rules, up to step 100" in shown.stdout
