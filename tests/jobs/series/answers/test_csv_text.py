import csv
import io
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest
from numpy.typing import NDArray

from jobs.errors import DamagedObject, InvalidQuery
from jobs.series.answers import answers, exports
from tests.support.running_jobs import Run, ask, csv_of, histograms, rows, train

QUERIES: list[dict[str, Any]] = [{}, {"points": 7}, {"start": 3, "stop": 11}, {"after": 20}, {"start": 5, "points": 4}]


def columns_of(text: str) -> dict[str, list[str]]:
    header, *body = csv.reader(io.StringIO(text))
    return {name: [row[i] for row in body] for i, name in enumerate(header)}


def decimals(columns: dict[str, Any]) -> dict[str, list[str]]:
    """The decimals that JSON has, null as nothing."""
    texts = {name: orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY).decode() for name, values in columns.items()}
    return {
        name: [] if text == "[]" else [value.replace("null", "") for value in text[1:-1].split(",")]
        for name, text in texts.items()
    }


def times(steps: Iterable[int]) -> NDArray[np.float64]:
    """When the rows of these steps were recorded, as `tests.support.running_jobs.rows` has it."""
    return rows(list(steps)).time


@pytest.fixture
def recorded(new_run: Callable[..., Run]) -> Run:
    steps, run = np.arange(1, 31), new_run(steps=30)
    wave = np.sin(steps)
    run.record(
        {
            "test": rows([0, 5, 10], loss=[2.3, 0.1, 1 / 3], accuracy=[0.1, 0.5, 1]),
            "train": train(1, 12),
            "activations": rows(steps, hidden1__mean=wave, hidden1__p50=wave / 3, output__norm=1e-7),
            "units": rows([5, 10], hidden1__50__p15=0.1),
            "histograms": histograms([5, 10, 15, 20], "hidden1"),
        },
    )
    return run


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("table", ["train", "test"])
def test_the_csv_of_metrics_has_the_decimals_of_the_json(recorded: Run, table: str, query: dict[str, Any]) -> None:
    run = recorded
    answer = ask(answers.metrics, run, **query)
    found = columns_of(csv_of(exports.metrics, run, table=table, **query))
    assert found == decimals(answer[table])
    assert list(found) == list(answer[table])


@pytest.mark.parametrize("query", QUERIES)
def test_the_csv_of_activations_has_the_decimals_of_the_json(recorded: Run, query: dict[str, Any]) -> None:
    run = recorded
    answer = ask(answers.activations, run, layers=["hidden1"], **query)
    expected = {f"hidden1.{name}": values for name, values in answer["layers"]["hidden1"].items()}
    found = columns_of(csv_of(exports.activations, run, layers=["hidden1"], **query))
    assert found == decimals({"step": answer["step"], "time": times(answer["step"]), **expected})


@pytest.mark.parametrize("query", QUERIES)
def test_the_csv_of_histograms_has_a_column_for_each_bin(recorded: Run, query: dict[str, Any]) -> None:
    run = recorded
    answer = ask(answers.activations, run, tables=("activations", "histograms"), **query)
    layer = answer["histograms"]["hidden1"]
    bins = {f"hidden1.counts.{i}": layer["counts"][:, i].copy() for i in range(64)}
    expected = {
        "step": answer["histograms"]["step"],
        "time": times(answer["histograms"]["step"]),
        "hidden1.lo": layer["lo"],
        "hidden1.hi": layer["hi"],
        **bins,
    }
    found = columns_of(csv_of(exports.activations, run, table="histograms", **query))
    assert found == decimals(expected)


def test_the_csv_of_units_names_layer_unit_and_percentile(recorded: Run) -> None:
    assert csv_of(exports.activations, recorded, table="units") == (
        "step,time,hidden1.50.p15\n5,1700000002.5,0.1\n10,1700000005.0,0.1\n"
    )


def test_what_is_not_finite_is_spelled_out_and_what_is_not_there_is_empty(run: Run) -> None:
    loss = [1, np.nan, np.inf, -np.inf, np.nan, np.nan]
    run.record({"train": rows([1, 2, 3, 4, 5, 6], loss=loss)})
    whole = columns_of(csv_of(exports.metrics, run))
    assert whole["loss"] == ["1.0", "NaN", "Infinity", "-Infinity", "NaN", "NaN"]
    thinned = columns_of(csv_of(exports.metrics, run, points=4))
    assert thinned["step"] == ["1", "3", "5", "6"]
    assert thinned["loss"] == ["1.0", "Infinity", "NaN", "NaN"]
    assert thinned["loss.min"] == thinned["loss.mean"] == ["1.0", "", "", ""]


def test_pandas_reads_back_the_same_float32(run: Run) -> None:
    values = np.random.default_rng(0).integers(0, 2**32, 5000, dtype=np.uint32).view(np.float32)
    values[:3] = np.nan, np.inf, -np.inf
    run.record({"train": rows(np.arange(1, 5001), loss=values)})
    read = pd.read_csv(io.StringIO(csv_of(exports.metrics, run)))
    assert np.array_equal(read["loss"].to_numpy().astype(np.float32), values, equal_nan=True)


def test_a_job_that_has_recorded_nothing_has_a_header(run: Run) -> None:
    header = "step,time,loss,accuracy\n"
    assert csv_of(exports.metrics, run, table="test") == header
    assert csv_of(exports.activations, run) == "step,time\n"


def test_a_long_table_comes_whole_and_in_pieces(new_run: Callable[..., Run]) -> None:
    run = new_run(steps=150_000)
    run.record({"train": train(1, 100_000)}, {"train": train(100_001, 150_000)})
    pieces = list(ask(exports.metrics, run, "csv"))
    assert max(map(len, pieces)) < 1_000_000
    lines = b"".join(pieces).splitlines()
    assert [int(line.split(b",", 1)[0]) for line in lines[1:]] == list(range(1, 150_001))


def test_a_bad_request_or_damage_is_raised_before_the_first_piece(run: Run) -> None:
    run.record({"train": train(1, 5), "activations": rows([1], hidden1__mean=0)})
    with pytest.raises(InvalidQuery, match="table: 'units' matches nothing; there is: train, test"):
        ask(exports.metrics, run, "csv", table="units")
    with pytest.raises(InvalidQuery, match="from: 3 is past to=2"):
        ask(exports.metrics, run, "csv", start=3, stop=2)
    with pytest.raises(InvalidQuery, match="table: 'train' matches nothing; there is: activations, units, histograms"):
        ask(exports.activations, run, "csv", table="train")
    with pytest.raises(InvalidQuery, match="layer: 'nobody'"):
        ask(exports.activations, run, "csv", layers=["nobody"])
    run.objects.delete("jobs/0job/1/train/1-5.arrow")
    with pytest.raises(DamagedObject, match="is missing"):
        ask(exports.metrics, run, "csv")
