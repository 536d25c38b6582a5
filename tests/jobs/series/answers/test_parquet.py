"""A table as Parquet: the bits of the series, in row groups, as its readers like them."""

import io
from collections.abc import Callable

import numpy as np
import pyarrow.parquet as pq
import pytest

from jobs.errors import DamagedObject
from jobs.series.answers import exports
from tests.support.running_jobs import Run, ask, histograms, rows, train


def written(run: Run, **query: object) -> pq.ParquetFile:
    what = exports.activations if query.get("table") in ("activations", "histograms") else exports.metrics
    return pq.ParquetFile(io.BytesIO(b"".join(ask(what, run, "parquet", **query))))


def test_the_bits_are_those_of_the_series(run: Run) -> None:
    loss = np.random.default_rng(0).integers(0, 2**32, 5000, dtype=np.uint32).view(np.float32)
    run.record({"train": rows(np.arange(1, 5001), loss=loss)})
    table = written(run).read()
    assert np.array_equal(table["loss"].to_numpy().view(np.uint32), loss.view(np.uint32))
    assert table["step"].to_pylist() == list(range(1, 5001))


def test_a_long_table_has_a_row_group_a_page_and_is_split_by_byte_and_compressed(new_run: Callable[..., Run]) -> None:
    run = new_run(steps=150_000)
    run.record({"train": train(1, 100_000)}, {"train": train(100_001, 150_000)})
    file = written(run)
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [100_000, 50_000]
    column = file.metadata.row_group(0).column(2)
    assert (column.path_in_schema, column.compression) == ("loss", "ZSTD")
    assert "BYTE_STREAM_SPLIT" in column.encodings


def test_a_thinned_one_has_the_ends_and_the_mean_of_each_bucket(run: Run) -> None:
    run.record({"train": train(1, 100)})
    table = written(run, points=10).read()
    assert table.num_rows <= 10
    assert {"loss", "loss.min", "loss.max", "loss.mean"} <= set(table.column_names)


def test_histograms_are_lists_of_64_counts(run: Run) -> None:
    run.record({"activations": rows([5], hidden1__mean=0), "histograms": histograms([5, 10], "hidden1")})
    table = written(run, table="histograms").read()
    assert table["hidden1.counts"].to_pylist() == histograms([5, 10], "hidden1").columns["hidden1.counts"].tolist()


def test_nothing_recorded_is_a_table_without_rows(run: Run) -> None:
    table = written(run).read()
    assert (table.num_rows, table.column_names[:3]) == (0, ["step", "time", "loss"])


def test_damage_is_raised_before_the_first_piece(run: Run) -> None:
    run.record({"train": train(1, 5)})
    run.objects.delete("jobs/0job/1/train/1-5.arrow")
    with pytest.raises(DamagedObject, match="is missing"):
        ask(exports.metrics, run, "parquet")
