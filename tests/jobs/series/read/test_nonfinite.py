"""Runs of values that are not finite: exact, or joined where they are many."""

from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.series.read.nonfinite import NonfiniteRun, runs, words

WORD_OF = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}

steps = st.sets(st.integers(0, 2000), max_size=200).map(lambda found: np.array(sorted(found), np.int64))


@st.composite
def series(draw: st.DrawFn) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    step = draw(steps)
    some = st.sampled_from([0.0, 3.4e38, np.nan, np.inf, -np.inf])
    return step, np.array(draw(st.lists(some, min_size=len(step), max_size=len(step))), np.float32)


def row_by_row(step: NDArray[np.int64], values: NDArray[np.float32]) -> list[NonfiniteRun]:
    """The runs, as the module describes them."""
    rows = [(at, WORD_OF.get(str(value), "")) for at, value in zip(step.tolist(), values.tolist(), strict=True)]
    found = [(word, [at for at, _ in group]) for word, group in groupby(rows, key=lambda row: row[1])]
    return [[at[0], at[-1], word] for word, at in found if word]


@given(series())
def test_each_run_of_rows_with_one_value_is_listed(recorded: tuple[NDArray[np.int64], NDArray[np.float32]]) -> None:
    assert runs(*recorded) == row_by_row(*recorded)


@given(series(), st.integers(2, 20))
def test_joined_runs_are_few_and_count_every_value(
    recorded: tuple[NDArray[np.int64], NDArray[np.float32]], most: int
) -> None:
    step, values = recorded
    exact, found = row_by_row(step, values), runs(step, values, most)
    assert len(found) <= most
    if len(exact) <= most:
        assert found == exact
    called = np.array(words(values), np.str_)
    for first, last, value in found:
        between = called[(step >= first) & (step <= last)]
        assert between[0] != ""
        assert between[-1] != ""
        if isinstance(value, str):
            assert set(between) == {value}
        else:
            assert value == {word: int((between == word).sum()) for word in value}
            assert set(between) - {""} == set(value)
    assert sum(int(((step >= first) & (step <= last) & (called != "")).sum()) for first, last, _ in found) == int(
        (called != "").sum()
    )


def test_an_integer_is_always_finite() -> None:
    assert runs(np.arange(3), np.array([0, 7, 2**32 - 1], np.uint32)) == []
