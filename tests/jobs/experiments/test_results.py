"""Aggregates equal those worked out one number at a time, with seeds that diverged, failed or were cancelled."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.experiments.curves import Curve
from jobs.experiments.document import Member
from jobs.experiments.patches import merged
from jobs.experiments.results import Outcome, groups, speedups
from jobs.experiments.statistics import t_975
from jobs.job import Job, JobError, Status

ENDINGS: dict[str, tuple[Status, JobError | None]] = {
    "succeeded": (Status.SUCCEEDED, None),
    "diverged": (Status.FAILED, JobError("non_finite_loss", "")),
    "failed": (Status.FAILED, JobError("exception", "")),
    "cancelled": (Status.CANCELLED, None),
    "running": (Status.RUNNING, None),
}
TARGETS = (0.3, 0.6, 0.9)


@st.composite
def outcomes(draw: st.DrawFn) -> list[Outcome]:
    found = []
    for variant in ("a", "b"):
        for rate in (0.1, 1.0):
            for seed in range(draw(st.integers(1, 4))):
                ending = draw(st.sampled_from(list(ENDINGS)))
                length = draw(st.integers(1 if ending == "succeeded" else 0, 5))
                values = st.floats(0, 1, width=32)
                accuracy = np.array(draw(st.lists(values, min_size=length, max_size=length)), np.float32)
                loss = 2 - accuracy
                if ending == "diverged" and length:
                    loss[-1] = np.nan
                status, error = ENDINGS[ending]
                job = Job(f"{variant}{rate}{seed}", status, 1, {}, "", 0.0, 40, 1, error=error)
                curve = Curve(10 * np.arange(length), loss, accuracy)
                found.append(Outcome(Member(variant, {"/rate": rate}, seed), job, curve))
    return found


def by_hand(values: list[float]) -> tuple[float, float | None, int] | None:
    """Mean, half the interval's width, n."""
    if not values:
        return None
    mean = math.fsum(values) / len(values)
    if len(values) == 1:
        return mean, None, 1
    sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
    return mean, t_975(len(values) - 1) * sd / math.sqrt(len(values)), len(values)


def assert_is(found: Any, expected: tuple[float, float | None, int] | None) -> None:
    if expected is None:
        assert found is None
        return
    mean, half, n = expected
    assert (found.mean, found.n) == (pytest.approx(mean), n)
    assert found.low == (None if half is None else pytest.approx(mean - half))
    assert found.high == (None if half is None else pytest.approx(mean + half))


@given(outcomes())
def test_a_group_is_what_its_jobs_say_one_by_one(made: list[Outcome]) -> None:
    found = groups(made, TARGETS)
    assert [(g.variant, g.point["/rate"]) for g in found] == [("a", 0.1), ("a", 1.0), ("b", 0.1), ("b", 1.0)]
    for group in found:
        mine = [o for o in made if (o.member.variant, o.member.point) == (group.variant, group.point)]
        done = [o for o in mine if o.job.status is Status.SUCCEEDED]
        assert group.jobs == tuple(o.job.id for o in mine)
        assert group.succeeded == len(done)
        ended = [*done, *(o for o in mine if o.job.id in {*group.diverged, *group.failed, *group.cancelled})]
        assert len(ended) == sum(o.job.status is not Status.RUNNING for o in mine)
        assert_is(group.final_accuracy, by_hand([float(o.curve.accuracy[-1]) for o in done]))
        assert_is(group.final_loss, by_hand([float(o.curve.loss[-1]) for o in done]))
        assert_is(group.best_accuracy, by_hand([max(map(float, o.curve.accuracy)) for o in done]))
        for i, step in enumerate(group.step):
            here = [float(o.curve.loss[step // 10]) for o in mine if len(o.curve.step) > step // 10]
            expected = by_hand([value for value in here if math.isfinite(value)])
            assert group.loss.n[i] == (expected[2] if expected else 0)
            assert group.loss.mean[i] == (None if expected is None else pytest.approx(expected[0]))
        for reached in group.steps_to:
            firsts = []
            for o in ended:
                places = [10 * i for i, value in enumerate(o.curve.accuracy) if value >= np.float32(reached.target)]
                firsts += places[:1]
            assert (reached.reached, reached.ended) == (len(firsts), len(ended))
            assert_is(reached.steps, by_hand([float(first) for first in firsts]))


@given(outcomes())
def test_a_speedup_is_of_the_seeds_that_both_variants_brought_to_the_target(made: list[Outcome]) -> None:
    for found in speedups(made, TARGETS):
        steps: dict[str, dict[int, int]] = {"a": {}, "b": {}}
        for o in made:
            if o.member.point == found.point:
                places = [10 * i for i, value in enumerate(o.curve.accuracy) if value >= np.float32(found.target)]
                if places:
                    steps[o.member.variant][o.member.seed] = places[0]
        both = steps["a"].keys() & steps["b"].keys()
        total = sum(steps["b"][seed] for seed in both)
        if not both or not all(steps["b"][seed] for seed in both):
            assert found.ratio is None
        else:
            assert found.ratio is not None
            assert found.ratio.mean == pytest.approx(sum(steps["a"][seed] for seed in both) / total)
            assert found.ratio.n == len(both)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 9), st.text("ab", max_size=2)),
    lambda inner: st.dictionaries(st.text("ab", max_size=2), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)


@given(document=json_values, patch=st.dictionaries(st.text("ab", max_size=2), json_values, max_size=3))
def test_merging_twice_is_merging_once(document: Any, patch: dict[str, Any]) -> None:
    once = merged(document, patch)
    assert merged(once, patch) == once
    assert isinstance(once, dict)
    for key, value in patch.items():
        if value is None:
            assert key not in once
        elif not isinstance(value, dict):
            assert once[key] == value
