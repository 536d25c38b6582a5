"""The commands that get out what a job has recorded."""

from pathlib import Path

import pandas as pd

from bnlab import Client
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage.objects.opening import open_objects
from tests.support.command_line import bnlab


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
    for way, ignored in (("--summary", "--points=10"), ("--json", "--table=test"), ("--summary", "--from=1")):
        refused = bnlab("metrics", finished.id, way, ignored, url=url)
        assert (refused.returncode, f"leave {ignored.partition('=')[0]} out" in refused.stderr) == (1, True)


def test_verify_reads_all_and_fails_where_something_is_damaged(url: str, settings: Settings, finished: Job) -> None:
    fine = bnlab("verify", finished.id, url=url)
    assert fine.returncode == 0
    assert "0 damaged" in fine.stdout
    key = f"jobs/{finished.id}/1/test/0-200.arrow"
    open_objects(settings).delete(key)
    damaged = bnlab("verify", finished.id, url=url)
    assert damaged.returncode == 1
    assert f"object '{key}' is missing" in damaged.stdout
