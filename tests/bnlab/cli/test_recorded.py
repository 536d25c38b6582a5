"""What a job has recorded, as files and frames, read by the tools they are for."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from bnlab import ApiError, Client
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from tests.support.command_line import bnlab

TABLES = ["train", "test", "activations", "units", "histograms"]


@pytest.mark.parametrize("table", TABLES)
def test_pandas_polars_and_duckdb_read_the_same_table(
    client: Client, finished: Job, tmp_path: Path, table: str
) -> None:
    file = tmp_path / "table.parquet"
    file.write_bytes(b"".join(client.parquet(finished.id, table)))
    frame = pd.read_parquet(file)
    polars = pl.read_parquet(file)
    found = duckdb.sql(f"SELECT * FROM '{file}'")
    assert found is not None
    rows = found.fetchall()
    assert polars.columns == list(frame.columns) == found.columns
    assert len(frame) == len(polars) == len(rows) > 0
    assert polars["step"].to_list() == frame["step"].tolist() == [row[0] for row in rows]
    assert client.table(finished.id, table).column_names == list(frame.columns)


def test_a_frame_has_every_value_to_the_bit(client: Client, finished: Job) -> None:
    exact = np.array(client.metrics(finished.id)["train"]["accuracy"], np.float32)
    assert np.array_equal(client.frame(finished.id)["accuracy"].to_numpy(), exact)
    assert np.array_equal(client.frame(finished.id, library="polars")["accuracy"].to_numpy(), exact)
    loss = client.frame(finished.id, stop=20)["loss"]
    assert np.flatnonzero(np.isnan(loss)).tolist() == [9]


def test_a_table_that_is_not_there_is_refused(client: Client, finished: Job) -> None:
    with pytest.raises(ApiError, match="table: Input should be"):
        client.table(finished.id, "nonesuch")


def test_tensorboard_shows_the_scalars_and_histograms(url: str, client: Client, finished: Job, tmp_path: Path) -> None:
    shown = bnlab("metrics", finished.id, "--tensorboard", str(tmp_path), url=url)
    assert (shown.returncode, shown.stdout.strip()) == (0, str(tmp_path / finished.id))
    found = EventAccumulator(str(tmp_path / finished.id), size_guidance={"scalars": 0, "histograms": 0})
    found.Reload()
    exact = client.metrics(finished.id)
    accuracy = found.Scalars("train/accuracy")
    assert [event.step for event in accuracy] == exact["train"]["step"]
    assert np.array_equal(
        np.array([event.value for event in accuracy], np.float32), np.array(exact["train"]["accuracy"], np.float32)
    )
    assert [event.wall_time for event in accuracy] == exact["train"]["time"]
    assert [event.step for event in found.Scalars("test/loss")] == [0, 100, 200]
    assert "activations/hidden3/p50" in found.Tags()["scalars"]
    assert "units/hidden3/50/p15" in found.Tags()["scalars"]
    histogram = found.Histograms("histograms/hidden1")
    assert [event.step for event in histogram] == [100, 200]
    assert sum(histogram[0].histogram_value.bucket) == histogram[0].histogram_value.num == 64
    again = bnlab("metrics", finished.id, "--tensorboard", str(tmp_path), url=url)
    assert (again.returncode, again.stdout) == (1, "")
    assert "would show every step twice" in again.stderr


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
    (settings.data / "objects" / key).unlink()
    damaged = bnlab("verify", finished.id, url=url)
    assert damaged.returncode == 1
    assert f"object '{key}' is missing" in damaged.stdout
