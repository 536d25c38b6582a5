import math
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from jobs.series.read.buckets import PARTS, bucket_ends, bucket_starts, bucket_width, summaries

all_steps = st.sets(st.integers(0, 2000), max_size=300).map(lambda steps: np.array(sorted(steps), np.int64))
some_steps = st.sets(st.integers(0, 2000), min_size=1, max_size=300).map(
    lambda steps: np.array(sorted(steps), np.int64)
)
widths = st.integers(0, 12).map(lambda power: 2**power)
floats = npst.from_dtype(np.dtype(np.float32), allow_subnormal=True)


def buckets_of(step: NDArray[np.int64], width: int) -> list[list[int]]:
    """The rows of each bucket, as the module describes them, row by row."""
    rest = groupby(range(1, len(step)), key=lambda row: step[row] // width)
    return [[0], *(list(rows) for _, rows in rest)] if len(step) else []


@given(all_steps, widths)
def test_a_bucket_holds_the_steps_between_two_multiples_of_the_width(step: NDArray[np.int64], width: int) -> None:
    expected = buckets_of(step, width)
    starts = bucket_starts(step, width)
    assert starts.tolist() == [rows[0] for rows in expected]
    assert bucket_ends(starts, len(step)).tolist() == [rows[-1] for rows in expected]


@given(st.lists(all_steps, max_size=3), st.integers(2, 400))
def test_the_width_is_the_least_power_of_two_that_keeps_within_the_points(
    tables: list[NDArray[np.int64]], points: int
) -> None:
    width = bucket_width(tables, points)
    assert width & (width - 1) == 0
    assert all(len(bucket_starts(step, width)) <= points for step in tables)
    if width > 1:
        assert any(len(bucket_starts(step, width // 2)) > points for step in tables)
        assert max(len(bucket_starts(step, width)) for step in tables) >= points / 2 + 1
    else:
        assert all(len(step) <= points for step in tables)


@given(all_steps, st.integers(2, 100), st.integers(0, 2000), st.integers(0, 2000))
def test_zooming_in_never_shows_less(step: NDArray[np.int64], points: int, start: int, stop: int) -> None:
    zoomed = step[(step >= start) & (step <= stop)]
    assert bucket_width([zoomed], points) <= bucket_width([step], points)


@given(some_steps, widths, st.integers(1, 300))
def test_buckets_do_not_move_while_a_run_grows(step: NDArray[np.int64], width: int, recorded: int) -> None:
    before, after = bucket_starts(step[:recorded], width), bucket_starts(step, width)
    assert after[: len(before)].tolist() == before.tolist()


@given(some_steps, widths)
def test_a_wider_bucket_is_a_union_of_narrower_ones(step: NDArray[np.int64], width: int) -> None:
    assert set(bucket_starts(step, 2 * width)) <= set(bucket_starts(step, width))


@given(st.data(), st.integers(1, 60), st.integers(1, 60))
def test_a_bucket_is_summed_up_by_its_last_value_and_its_finite_ones(data: st.DataObject, rows: int, cuts: int) -> None:
    values = data.draw(npst.arrays(np.float32, rows, elements=floats))
    starts = np.array(sorted({0, *data.draw(st.lists(st.integers(0, rows - 1), max_size=cuts))}))
    summed = summaries(values, starts)
    for i, bucket in enumerate(np.split(values, starts[1:])):
        finite = bucket[np.isfinite(bucket)]
        assert summed[""][i].tobytes() == bucket[-1].tobytes()
        if finite.size:
            assert summed[".min"][i] == finite.min()
            assert summed[".max"][i] == finite.max()
            mean = math.fsum(finite.astype(float)) / finite.size
            bound = np.abs(finite.astype(float)).sum() * finite.size * 2**-52
            assert abs(summed[".mean"][i] - mean) <= bound
        else:
            assert np.isnan([summed[name][i] for name in (".min", ".max", ".mean")]).all()
    assert [summed[name].dtype for name in ("", ".min", ".max", ".mean")] == [*[np.float32] * 3, np.float64]


@given(npst.arrays(np.float32, 9, elements=floats), st.sets(st.sampled_from(PARTS)))
def test_what_is_not_asked_for_is_left_out_and_the_rest_is_the_same(
    values: NDArray[np.float32], parts: set[str]
) -> None:
    whole, some = (summaries(values, np.array([0, 1, 4]), asked) for asked in (PARTS, parts))
    assert {name: column.tobytes() for name, column in some.items()} == {
        name: column.tobytes() for name, column in whole.items() if name in parts
    }


def test_the_mean_is_summed_in_float64() -> None:
    values = np.array([2**24, 1, 1, 1], np.float32)  # in float32 the ones would vanish
    assert summaries(values, np.array([0]))[".mean"][0] == (2**24 + 3) / 4


def test_a_spike_stays() -> None:
    values = np.ones(50_000, np.float32)
    values[31_415] = 1e6
    step = np.arange(1, 50_001)
    width = bucket_width([step], 1000)
    assert width == 64
    summed = summaries(values, bucket_starts(step, width))
    assert summed[".max"].max() == 1e6
    assert summed[""].max() == 1.0


def test_nothing_thins_to_nothing() -> None:
    none = np.empty(0, np.int64)
    assert bucket_width([none], 2) == 1
    assert all(len(values) == 0 for values in summaries(np.empty(0, np.float32), bucket_starts(none, 4)).values())


@pytest.mark.parametrize("points", [2, 3, 5])
def test_a_million_steps_fit_into_the_fewest_points(points: int) -> None:
    step = np.arange(1, 1_000_001)
    assert 2 <= len(bucket_starts(step, bucket_width([step], points))) <= points
