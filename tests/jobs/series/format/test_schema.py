import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from jobs.series.format.schema import (
    BINS,
    Rows,
    between,
    concatenate,
    cut,
    from_arrow,
    no_values,
    statistics,
    to_arrow,
    validate,
)
from tests.support.running_jobs import histograms, rows, train

floats = npst.from_dtype(np.dtype(np.float32), allow_subnormal=True)


@given(st.lists(floats, min_size=1, max_size=50))
def test_rows_read_back_bit_for_bit(values: list[np.float32]) -> None:
    column = np.array(values, np.float32)
    written = rows(np.arange(len(column)), hidden1__mean=column, loss=column[::-1])
    read = from_arrow(to_arrow(written), ["step", "time", "hidden1.mean", "loss"])
    for name, expected in {"step": written.step, "time": written.time, **written.columns}.items():
        assert read[name].tobytes() == np.ascontiguousarray(expected).tobytes()


def test_histograms_read_back_with_their_bins() -> None:
    written = histograms([50, 100, 150], "hidden1")
    read = from_arrow(to_arrow(written), ["hidden1.counts"])
    assert read["hidden1.counts"].dtype == np.uint32
    assert np.array_equal(read["hidden1.counts"], written.columns["hidden1.counts"])


def test_a_chunk_costs_four_bytes_a_point() -> None:
    columns = {f"series{i}": np.random.default_rng(i).random(10_000, np.float32) for i in range(20)}
    data = to_arrow(rows(np.arange(10_000), **columns))
    assert bytes(data[:6]) == b"ARROW1" == bytes(data[-6:])  # the file format, not the stream
    assert data.nbytes < 10_000 * (8 + 8 + 20 * 4) * 1.01


def test_the_same_rows_make_the_same_bytes() -> None:
    assert bytes(to_arrow(train(1, 100))) == bytes(to_arrow(train(1, 100)))


@pytest.mark.parametrize("steps", [[1, 1], [2, 1], [1, 3, 2]])
def test_steps_must_increase(steps: list[int]) -> None:
    with pytest.raises(ValueError, match="steps must increase"):
        validate(rows(steps, loss=0))


@pytest.mark.parametrize(
    "column",
    [np.zeros(2, np.float32), np.zeros(3), np.zeros((3, 63), np.float32), np.zeros(3, np.uint32)],
    ids=["too short", "float64", "too few bins", "integers"],
)
def test_a_column_that_no_chunk_can_hold_is_refused(column: np.ndarray) -> None:
    with pytest.raises(ValueError, match="column 'loss'"):
        validate(Rows(np.arange(3), np.zeros(3), {"loss": column}))


def test_step_and_time_have_one_length() -> None:
    with pytest.raises(ValueError, match="step and time"):
        validate(Rows(np.arange(3), np.zeros(2), {}))


@given(st.integers(0, 30), st.integers(0, 30), st.lists(st.integers(1, 19), max_size=4))
def test_cutting_and_joining_changes_nothing(start: int, stop: int, cuts: list[int]) -> None:
    whole = train(1, 20)
    edges = [0, *sorted(cuts), 20]
    joined = concatenate([cut(whole, slice(a, b)) for a, b in pairwise(edges)])
    some = between(joined, start, stop)
    expected = [step for step in range(1, 21) if start <= step <= stop]
    assert some.step.tolist() == expected
    assert np.array_equal(some.columns["loss"], whole.columns["loss"][np.array(expected, int) - 1])


def test_no_rows_have_the_shape_of_rows() -> None:
    shapes = {name: no_values(name).shape for name in ("step", "hidden1.lo", "hidden1.counts")}
    assert shapes == {"step": (0,), "hidden1.lo": (0,), "hidden1.counts": (0, BINS)}
    assert [no_values(name).dtype.name for name in ("step", "time", "loss")] == ["int64", "float64", "float32"]


def test_the_manifest_says_what_is_in_a_series() -> None:
    values = rows([1, 2, 3, 4], loss=[math.nan, 0.1, -math.inf, 3], accuracy=math.nan)
    assert statistics(values) == {
        "loss": {
            "count": 4,
            "first": None,
            "last": 3.0,
            "min": 0.1,
            "max": 3.0,
            "nonfinite": 2,
            "min_step": 2,
            "max_step": 4,
        },
        "accuracy": {
            "count": 4,
            "first": None,
            "last": None,
            "min": None,
            "max": None,
            "nonfinite": 4,
            "min_step": None,
            "max_step": None,
        },
    }
    counts = statistics(histograms([1, 2], "hidden1"))["hidden1.counts"]
    assert counts == {"count": 2, "min": 100.0, "max": 263.0, "nonfinite": 0}
