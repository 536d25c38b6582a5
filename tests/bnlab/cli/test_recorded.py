"""The commands that get out what a job has recorded."""

import json
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from bnlab import Client
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Job
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support import recorded_jobs
from tests.support.command_line import BNLAB, bnlab, environment


def test_a_table_is_written_as_parquet(url: str, finished: Job, tmp_path: Path) -> None:
    file = tmp_path / "inside.parquet"
    done = bnlab("metrics", finished.id, "--table", "activations", "--parquet", str(file), url=url)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(pd.read_parquet(file)) == 200
    refused = bnlab("metrics", finished.id, "--table", "none", "--parquet", str(tmp_path / "none"), url=url)
    assert (refused.returncode, (tmp_path / "none").exists()) == (1, False)
    both = bnlab("metrics", finished.id, "--json", "--parquet", str(file), url=url)
    assert (both.returncode, "one at a time" in both.stderr) == (1, True)


def test_a_summary_has_each_series_in_a_line(url: str, client: Client, finished: Job) -> None:
    assert client.summary(finished.id)["train"]["loss"]["nonfinite"] == 1
    shown = bnlab("metrics", finished.id, "--summary", url=url).stdout.splitlines()
    assert shown[0].split() == ["series", "count", "first", "last", "least", "at", "greatest", "at", "nonfinite"]
    assert " ".join(shown[1].split()) == "train.loss 200 0.5 0.004975 0.004975 200 0.5 1 1"
    for way, ignored in (("--summary", "--points=10"), ("--json", "--table=units"), ("--summary", "--from=1")):
        refused = bnlab("metrics", finished.id, way, ignored, url=url)
        assert (refused.returncode, f"leave {ignored.partition('=')[0]} out" in refused.stderr) == (1, True)
        assert (way == "--json") == ("--json has train and test; bnlab layers --json" in refused.stderr)


def test_verify_reads_all_and_fails_where_something_is_damaged(url: str, settings: Settings, finished: Job) -> None:
    fine = bnlab("verify", finished.id, url=url)
    assert fine.returncode == 0
    assert "0 damaged" in fine.stdout
    key = f"jobs/{finished.id}/1/test/0-200.arrow"
    open_objects(settings).delete(key)
    damaged = bnlab("verify", finished.id, url=url)
    assert damaged.returncode == 1
    assert f"object '{key}' is missing" in damaged.stdout


@pytest.fixture
def diagnosed(client: Client, database: Database, settings: Settings) -> str:
    """A job with a diagnostic that was measured three times."""
    job = client.submit(
        training={"steps": 20}, data={"dataset": "synthetic"}, recording={"diagnostics": [{"name": "rank"}]}
    )
    taken = recorded_jobs.take(database)
    writer = Writer(Held(database, open_objects(settings), Hold(taken.id, taken.attempt)))
    writer.append("rank", recorded_jobs.rows((0, 10, 20), ("hidden1.rank", "hidden1.orthogonality_gap")))
    writer.commit(steps_per_second=400.0)
    return str(job["id"])


def test_diagnostics_are_shown_a_measure_a_line_and_as_json_whole(client: Client, diagnosed: str) -> None:
    shown = bnlab("diagnostics", diagnosed, url=client.url)
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert lines[0][:4] == ["series", "count", "first", "last"]
    assert lines[1][:4] == ["rank.hidden1.rank", "3", "1", "0.04762"]
    assert json.loads(bnlab("diagnostics", diagnosed, "--json", url=client.url).stdout) == client.diagnostics(diagnosed)
    as_csv = bnlab("metrics", diagnosed, "--table", "rank", url=client.url).stdout.splitlines()
    assert (len(as_csv), as_csv[0].split(",")[2]) == (4, "hidden1.rank")


def test_a_job_without_diagnostics_says_so(client: Client, finished: Job) -> None:
    refused = bnlab("diagnostics", finished.id, url=client.url)
    assert (refused.returncode, "asked for no diagnostics" in refused.stderr) == (1, True)
    document = refused.stderr.partition("ask for them in its document: ")[2]
    assert client.validate(json.loads(document))["spec"]["recording"]["diagnostics"][0]["name"] == "rank"


@pytest.mark.parametrize("width", ["40", "80"])
def test_series_keep_their_names_whole_in_a_narrow_terminal(client: Client, diagnosed: str, width: str) -> None:
    own = {**environment(url=client.url), "COLUMNS": width}
    shown = subprocess.run(
        [BNLAB, "diagnostics", diagnosed], env=own, capture_output=True, text=True, check=True
    ).stdout
    assert all(len(line) <= int(width) for line in shown.splitlines())
    assert "…" not in shown
    assert {"first", "last"} <= set(shown.splitlines()[0].split())
