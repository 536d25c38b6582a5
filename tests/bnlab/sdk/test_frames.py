"""What a job has recorded as tables and frames, read by the tools they are for."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from bnlab import ApiError, Client
from jobs.lifecycle.job import Job

TABLES = ["train", "test", "activations", "units", "histograms"]


@pytest.mark.parametrize("table", TABLES)
def test_pandas_polars_and_duckdb_read_the_same_table(
    client: Client, finished: Job, tmp_path: Path, table: str
) -> None:
    file = tmp_path / "table.parquet"
    file.write_bytes(b"".join(client.parquet(finished.id, table)))
    frame = pd.read_parquet(file)
    polars = pl.read_parquet(file)
    found = duckdb.read_parquet(str(file))
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
    with pytest.raises(ApiError, match="table: must be"):
        client.table(finished.id, "nonesuch")
