"""Aggregates equal those worked out one number at a time, with seeds that diverged, failed or were cancelled."""

import math
from statistics import median
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.experiments.curves import Curve
from jobs.experiments.document import ExperimentSpec, Member
from jobs.experiments.estimates import of_numbers, of_ratios, of_share, of_steps
from jobs.experiments.patches import merged
from jobs.experiments.results import groups, thinned
from jobs.experiments.seeds import Result, trained
from jobs.experiments.speedups import speedups
from jobs.experiments.statistics.interval import Bounds, known
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


def job(job_id: str, ending: str) -> Job:
    status, error = ENDINGS[ending]
    return Job(job_id, status, 1, ASKED, 0.0, error=error)


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
                curve = None if draw(st.booleans()) else Curve(10 * np.arange(length), loss, accuracy)
                found.append(
                    Result(Member(variant, {"/rate": rate}, seed), job(f"{variant}{rate}{seed}", ending), curve)
                )
    return found


def read(outcomes: list[Result]) -> list[Curve]:
    """The curves that can be read."""
    return [outcome.curve for outcome in outcomes if outcome.curve is not None]


def ended(outcomes: list[Result]) -> list[tuple[int, Curve | None]]:
    """By seed the trainings that count: those that succeeded and can be read and, with None, those that diverged."""
    found: list[tuple[int, Curve | None]] = []
    for each in outcomes:
        if each.job.error is not None and each.job.error.code == "non_finite_loss":
            found.append((each.member.seed, None))
        elif each.job.status is Status.SUCCEEDED and each.curve is not None:
            found.append((each.member.seed, each.curve))
    return found


def steps_by_hand(curve: Curve | None, target: float) -> Bounds:
    if curve is None:
        return Bounds(math.inf, math.inf)
    low, high = 0.0, math.inf
    for step, value in zip(curve.step.tolist(), curve.accuracy, strict=True):
        if value >= np.float32(target):
            high = min(high, step)
        else:
            low, high = step, math.inf
    return Bounds(low, high)


@given(outcomes())
def test_a_group_is_what_its_jobs_say_one_by_one(made: list[Result]) -> None:
    found = groups(SPEC, made, trained(SPEC, made), 100)
    assert [(g.variant, g.point["/rate"]) for g in found] == [("a", 0.1), ("a", 1.0), ("b", 0.1), ("b", 1.0)]
    for group in found:
        mine = [o for o in made if (o.member.variant, o.member.point) == (group.variant, group.point)]
        assert group.jobs == tuple(o.job.id for o in mine)
        assert group.deleted == 4 - len(mine)
        assert group.succeeded == sum(o.job.status is Status.SUCCEEDED for o in mine)
        assert group.damaged == tuple(o.job.id for o in mine if o.curve is None)
        ways = [*group.diverged, *group.failed, *group.cancelled]
        running = sum(o.job.status is Status.RUNNING for o in mine)
        assert group.succeeded + len(ways) + running == len(set(ways)) + group.succeeded + running == len(mine)
        done = ended(mine)
        finals = [0.1 if curve is None else float(curve.accuracy[-1]) for _, curve in done]
        assert group.final_accuracy == of_numbers(known(finals))
        losses = [math.inf if curve is None else float(curve.loss[-1]) for _, curve in done]
        assert group.final_loss == of_numbers(known(losses))
        best = [0.1 if curve is None else max(map(float, curve.accuracy)) for _, curve in done]
        assert group.best_accuracy == of_numbers(known(best))
        assert group.every == 1
        assert group.step.tolist() == list(range(0, 10 * max([len(c.step) for c in read(mine)], default=0), 10))
        for i, step in enumerate(group.step):
            here = [curve.loss[step // 10] for curve in read(mine) if len(curve.step) > step // 10]
            finite = [float(value) for value in here if math.isfinite(value)]
            assert group.loss.n[i] == len(finite)
            if finite:
                band = (group.loss.least[i], group.loss.median[i], group.loss.greatest[i])
                assert band == pytest.approx((min(finite), median(finite), max(finite)))
            else:
                assert math.isnan(group.loss.median[i])
        for to in group.steps_to:
            assert to.accuracy == (to.target if mine else to.accuracy)
            steps = [steps_by_hand(curve, float(to.target)) for _, curve in done]
            assert (to.arrived, to.ended) == (sum(each.high < math.inf for each in steps), len(steps))
            assert to.steps == of_steps(steps)


@given(outcomes())
def test_a_speedup_is_of_the_seeds_that_came_to_an_end_with_both_variants(made: list[Result]) -> None:
    found = speedups(SPEC, trained(SPEC, made))
    assert [(s.variant, s.over, s.point["/rate"], s.target) for s in found] == [
        ("b", "a", rate, target) for rate in (0.1, 1.0) for target in SPEC.targets
    ]
    for speedup in found:
        at_point = [o for o in made if o.member.point == speedup.point]
        steps = {
            variant: {
                seed: steps_by_hand(curve, float(speedup.target))
                for seed, curve in ended([o for o in at_point if o.member.variant == variant])
            }
            for variant in ("a", "b")
        }
        both = sorted(steps["a"].keys() & steps["b"].keys())
        assert speedup.ratio == of_ratios([steps["a"][seed] for seed in both], [steps["b"][seed] for seed in both])


def test_seeds_that_learned_are_counted_where_the_document_has_a_bar() -> None:
    spec = SPEC.model_copy(update={"learned": 0.9, "grid": {}})
    ends = [*(Job(str(i), Status.SUCCEEDED, 1, ASKED, 0.0) for i in range(3)), job("3", "diverged")]
    curves = [Curve(np.arange(2), np.ones(2, np.float32), np.array([0.1, x], np.float32)) for x in (0.9, 0.95, 0.2, 0)]
    made = [Result(Member("a", {}, i), end, curve) for i, (end, curve) in enumerate(zip(ends, curves, strict=True))]
    first, second = groups(spec, made, trained(spec, made), 2)
    assert first.learned is not None
    assert (first.learned.k, first.learned.n, first.learned.bar) == (2, 4, 0.9)
    assert first.learned.share == of_share(2, 4)
    assert second.learned is not None
    assert (second.learned.n, second.learned.share) == (0, None)


def test_what_stands_twice_in_a_grid_is_one_point_with_twice_the_jobs() -> None:
    twice = ExperimentSpec.model_construct(variants={"a": {}}, grid={"/rate": [0.1] * 20}, seeds=2, targets=(0.5,))
    jobs = [Job(f"{i:02}", Status.SUCCEEDED, 1, ASKED, 0.0) for i in range(39)]
    curve = Curve(np.arange(2), np.ones(2, np.float32), np.ones(2, np.float32))
    made = [Result(Member("a", {"/rate": 0.1}, i % 2), job, curve) for i, job in enumerate(jobs)]
    (group,) = groups(twice, made, trained(twice, made), 2)
    assert (len(group.jobs), group.deleted) == (39, 1)
    assert group.final_accuracy is not None
    assert (group.final_accuracy.centre, group.final_accuracy.n) == (1.0, 39)
    assert group.steps_to[0].ended == 39
    assert group.accuracy.n.tolist() == [39, 39]


@given(evaluated=st.sets(st.integers(0, 10_000), max_size=200), points=st.integers(2, 250))
def test_thinned_steps_are_evenly_chosen_with_the_first_and_the_last(evaluated: set[int], points: int) -> None:
    steps = np.array(sorted(evaluated), np.int64)
    kept, every = thinned(steps, points)
    assert len(kept) <= points
    assert kept.tolist() == sorted({*steps[::every].tolist(), *steps[-1:].tolist()})
    assert every == 1 or len({*steps[:: every - 1].tolist(), *steps[-1:].tolist()}) > points


def test_a_group_without_jobs_has_nothing_but_their_number() -> None:
    nothing = trained(SPEC, [])
    for group in groups(SPEC, [], nothing, 2):
        assert (group.jobs, group.deleted, len(group.step), group.final_accuracy) == ((), 4, 0, None)
        assert [(to.arrived, to.ended, to.steps) for to in group.steps_to] == [(0, 0, None)] * 3
    assert all(found.ratio is None for found in speedups(SPEC, nothing))


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
