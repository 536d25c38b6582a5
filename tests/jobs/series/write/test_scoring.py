"""Scores follow from what was recorded, whichever way it was cut into commits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jobs.lifecycle.scores import Score, Scores
from jobs.series.write.scoring import followed, recorded
from tests.support.running_jobs import Run, histograms, rows

VALUES = st.lists(st.sampled_from([np.nan, np.inf, -np.inf, -1.5, 0.25, 0.5]), min_size=1, max_size=12)


def by_hand(values: list[float], *, least: bool) -> Score:
    finite = [(value if least else -value, i) for i, value in enumerate(values) if np.isfinite(value)]
    last = values[-1] if np.isfinite(values[-1]) else None
    if not finite:
        return Score(last)
    best, step = min(finite)
    return Score(last, best if least else -best, step)


@given(VALUES, st.integers(0, 12))
def test_the_best_is_the_first_of_the_best_finite_values_wherever_commits_end(values: list[float], cut: int) -> None:
    scores: Scores = {}
    for part in (range(len(values))[:cut], range(len(values))[cut:]):
        if part:
            some = [values[i] for i in part]
            scores = followed(scores, "train", rows(list(part), loss=some, accuracy=some, gradient_norm=some))
    least, greatest = by_hand(values, least=True), by_hand(values, least=False)
    assert scores == {"train.loss": least, "train.accuracy": greatest, "train.gradient_norm": Score(least.last)}


def test_other_tables_have_no_scores() -> None:
    assert followed({}, "histograms", histograms([5], "hidden1")) == {}


def test_they_are_read_back_from_the_manifest(run: Run) -> None:
    run.record(
        {"train": rows([1, 2], loss=[0.5, 0.75]), "test": rows([0], accuracy=0.1)},
        {"train": rows([3], loss=0.625), "test": rows([5], accuracy=0.9)},
    )
    assert recorded(run.database, run.job.id) == {
        "train.loss": Score(0.625, 0.5, 1),
        "test.accuracy": Score(float(str(np.float32(0.9))), float(str(np.float32(0.9))), 5),
    }
