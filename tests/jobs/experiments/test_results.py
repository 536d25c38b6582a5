"""Aggregates equal those worked out one number at a time, with seeds that diverged, failed or were cancelled."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.experiments.curves import Curve
from jobs.experiments.document import ExperimentSpec, Member
from jobs.experiments.intervals import t_975
from jobs.experiments.patches import merged
from jobs.experiments.results import Result, groups, speedups, thinned
from jobs.lifecycle.job import Job, JobError, Status
from tests.support.documents import resolved

ENDINGS: dict[str, tuple[Status, JobError | None]] = {
    "succeeded": (Status.SUCCEEDED, None),
    "diverged": (Status.FAILED, JobError("non_finite_loss", "")),
    "failed": (Status.FAILED, JobError("exception", "")),
    "cancelled": (Status.CANCELLED, None),
    "running": (Status.RUNNING, None),
}
SPEC = ExperimentSpec(variants={"a": {}, "b": {}}, grid={"/rate": [0.1, 1.0]}, seeds=4, targets=(0.3, 0.6, 0.9))

ASKED = resolved(training={"steps": 40})


@st.composite
def outcomes(draw: st.DrawFn) -> list[Result]:
    found = []
    for variant in ("a", "b"):
        for rate in (0.1, 1.0):
            for seed in range(draw(st.integers(0, 4))):
                ending = draw(st.sampled_from(list(ENDINGS)))
                length = draw(st.integers(1 if ending == "succeeded" else 0, 5))
                values = st.floats(0, 1, width=32)
                accuracy = np.array(draw(st.lists(values, min_size=length, max_size=length)), np.float32)
                loss = 2 - accuracy
                if ending == "diverged" and length:
                    loss[-1] = np.nan
                status, error = ENDINGS[ending]
                job = Job(f"{variant}{rate}{seed}", status, 1, ASKED, 0.0, error=error)
                curve = None if draw(st.booleans()) else Curve(10 * np.arange(length), loss, accuracy)
                found.append(Result(Member(variant, {"/rate": rate}, seed), job, curve))
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


def read(outcomes: list[Result]) -> list[Curve]:
    """The curves that can be read."""
    return [outcome.curve for outcome in outcomes if outcome.curve is not None]


def firsts(curve: Curve, target: float) -> list[int]:
    """The first step with at least that accuracy, if there is one."""
    return [10 * i for i, value in enumerate(curve.accuracy) if value >= np.float32(target)][:1]


@given(outcomes())
def test_a_group_is_what_its_jobs_say_one_by_one(made: list[Result]) -> None:
    found = groups(SPEC, made, 100)
    assert [(g.variant, g.point["/rate"]) for g in found] == [("a", 0.1), ("a", 1.0), ("b", 0.1), ("b", 1.0)]
    for group in found:
        mine = [o for o in made if (o.member.variant, o.member.point) == (group.variant, group.point)]
        succeeded = [o for o in mine if o.job.status is Status.SUCCEEDED]
        assert group.jobs == tuple(o.job.id for o in mine)
        assert group.deleted == 4 - len(mine)
        assert group.succeeded == len(succeeded)
        assert group.damaged == tuple(o.job.id for o in mine if o.curve is None)
        ended = [*succeeded, *(o for o in mine if o.job.id in {*group.diverged, *group.failed, *group.cancelled})]
        assert len(ended) == sum(o.job.status is not Status.RUNNING for o in mine)
        done = read(succeeded)
        assert_is(group.final_accuracy, by_hand([float(curve.accuracy[-1]) for curve in done]))
        assert_is(group.final_loss, by_hand([float(curve.loss[-1]) for curve in done]))
        assert_is(group.best_accuracy, by_hand([max(map(float, curve.accuracy)) for curve in done]))
        assert group.every == 1
        assert group.step == tuple(range(0, 10 * max([len(curve.step) for curve in read(mine)], default=0), 10))
        for i, step in enumerate(group.step):
            here = [float(curve.loss[step // 10]) for curve in read(mine) if len(curve.step) > step // 10]
            mean, half, n = by_hand([value for value in here if math.isfinite(value)]) or (None, None, 0)
            band = (group.loss.mean[i], group.loss.low[i], group.loss.high[i])
            limits = (None, None) if mean is None or half is None else (mean - half, mean + half)
            assert group.loss.n[i] == n
            assert band == tuple(value if value is None else pytest.approx(value) for value in (mean, *limits))
        for reached in group.steps_to:
            steps = [float(step) for curve in read(ended) for step in firsts(curve, reached.target)]
            assert (reached.reached, reached.ended) == (len(steps), len(read(ended)))
            assert_is(reached.steps, by_hand(steps))


@given(outcomes())
def test_a_speedup_is_of_the_seeds_that_both_variants_brought_to_the_target(made: list[Result]) -> None:
    found = speedups(SPEC, made)
    assert [(s.variant, s.over, s.point["/rate"], s.target) for s in found] == [
        ("b", "a", rate, target) for rate in (0.1, 1.0) for target in SPEC.targets
    ]
    for speedup in found:
        steps: dict[str, dict[int, int]] = {"a": {}, "b": {}}
        for o in made:
            if o.member.point == speedup.point and o.curve is not None:
                for step in firsts(o.curve, speedup.target):
                    steps[o.member.variant][o.member.seed] = step
        both = steps["a"].keys() & steps["b"].keys()
        total = sum(steps["b"][seed] for seed in both)
        if not both or not all(steps["b"][seed] for seed in both):
            assert speedup.ratio is None
        else:
            assert speedup.ratio is not None
            assert speedup.ratio.mean == pytest.approx(sum(steps["a"][seed] for seed in both) / total)
            assert speedup.ratio.n == len(both)


def test_what_stands_twice_in_a_grid_is_one_point_with_twice_the_jobs() -> None:
    twice = ExperimentSpec.model_construct(variants={"a": {}}, grid={"/rate": [0.1] * 20}, seeds=2, targets=(0.5,))
    jobs = [Job(f"{i:02}", Status.SUCCEEDED, 1, ASKED, 0.0) for i in range(39)]
    curve = Curve(np.arange(2), np.ones(2, np.float32), np.ones(2, np.float32))
    (group,) = groups(twice, [Result(Member("a", {"/rate": 0.1}, i % 2), job, curve) for i, job in enumerate(jobs)], 2)
    assert (len(group.jobs), group.deleted) == (39, 1)
    assert group.final_accuracy is not None
    assert (group.final_accuracy.mean, group.final_accuracy.n) == (1.0, 39)
    assert group.accuracy.n == (39, 39)


@given(evaluated=st.sets(st.integers(0, 10_000), max_size=200), points=st.integers(2, 250))
def test_thinned_steps_are_evenly_chosen_with_the_first_and_the_last(evaluated: set[int], points: int) -> None:
    steps = np.array(sorted(evaluated), np.int64)
    kept, every = thinned(steps, points)
    assert len(kept) <= points
    assert kept.tolist() == sorted({*steps[::every].tolist(), *steps[-1:].tolist()})
    assert every == 1 or len({*steps[:: every - 1].tolist(), *steps[-1:].tolist()}) > points


def test_a_group_without_jobs_has_nothing_but_their_number() -> None:
    for group in groups(SPEC, [], 2):
        assert (group.jobs, group.deleted, group.step, group.final_accuracy) == ((), 4, (), None)
        assert [(reached.reached, reached.ended) for reached in group.steps_to] == [(0, 0)] * 3
    assert all(found.ratio is None for found in speedups(SPEC, []))


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
