"""What a seed has along an axis of the grid, from trainings whose outcome is known."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

import pytest

from jobs.experiments.by_seed import OfSeed, of_variant, series_of
from jobs.experiments.document import ExperimentSpec
from jobs.experiments.question import AreaAbove, Last, Mean
from jobs.experiments.seeds import trained
from jobs.experiments.statistics.interval import Bounds
from jobs.lifecycle.job import Status
from tests.support.trainings import Course, along, ending, result

AXIS = "/axis"
GOOD, BAD = ending(0.8), ending(0.3)


def asked(*values: float, **said: Any) -> ExperimentSpec:
    return ExperimentSpec.model_validate({"variants": {"a": {}}, "grid": {AXIS: list(values)}, "learned": 0.5} | said)


def of_seeds(
    primary: dict[str, Any], courses: Mapping[float, Sequence[Course]], scores: Mapping[str, float] | None = None
) -> tuple[OfSeed, ...]:
    spec = asked(*courses, primary={"over": AXIS} | primary)
    return of_variant(spec, trained(spec, along(AXIS, {"a": courses}), scores or {}), {}, "a", {})


def test_the_largest_value_that_learned_is_known_to_the_next_one_of_the_grid() -> None:
    courses = {1.0: [GOOD, GOOD, GOOD, None], 0.1: [GOOD, GOOD, BAD, None], 10.0: [BAD, GOOD, None, None]}
    found = of_seeds({"kind": "largest"}, courses)
    assert [each.value for each in found] == [Bounds(1, 10), Bounds(10, inf), Bounds(1, 10), Bounds(0, 0.1)]
    assert [each.diverged for each in found] == [False, False, False, True]
    assert {each.job for each in found} == {None}


def test_a_range_is_the_greatest_less_the_least_and_what_diverged_is_at_chance() -> None:
    found = of_seeds({"kind": "range"}, {1: [ending(0.8), ending(0.8)], 2: [ending(0.6), None]})
    assert [each.value.low for each in found] == pytest.approx([0.2, 0.7])


def test_what_diverged_at_every_value_is_not_the_best_along_the_axis_but_the_worst() -> None:
    (found, _) = of_seeds({"kind": "range"}, {1: [None, GOOD], 2: [None, GOOD]})
    assert (found.value, found.diverged) == (Bounds(inf, inf), True)
    for goal, worst in (("min", inf), ("max", -inf)):
        (found,) = of_seeds({"kind": "gain", "without": 1, "goal": goal}, {1: [None], 2: [None]})
        assert (found.value, found.diverged) == (Bounds(worst, worst), True)


def test_a_gain_is_of_the_value_that_the_other_seeds_like_best_over_the_one_without() -> None:
    gain = {"kind": "gain", "without": 0.0, "goal": "min"}
    courses = {0.0: [ending(0.5), ending(0.5)], 0.2: [ending(0.6), ending(0.7)], 0.5: [ending(0.8), ending(0.9)]}
    scores = {"a0.20": 0.9, "a0.21": 0.1, "a0.50": 0.5, "a0.51": 0.5}
    assert [each.value.low for each in of_seeds(gain, courses, scores)] == pytest.approx([0.3, 0.2])
    del courses[0.5]
    assert [each.value.low for each in of_seeds(gain, courses)] == pytest.approx([0.1, 0.2])


def test_a_seed_that_has_not_ended_at_every_value_is_left_out() -> None:
    made = along(AXIS, {"a": {1: [GOOD, GOOD], 2: [GOOD]}})
    made.append(result("a", 1, GOOD, point={AXIS: 2}, status=Status.CANCELLED))
    for primary in ("largest", "range"):
        spec = asked(1, 2, primary={"kind": primary, "over": AXIS})
        assert [each.seed for each in of_variant(spec, trained(spec, made), {}, "a", {})] == [0]


def test_a_range_is_taken_at_each_values_own_best_setting() -> None:
    spec = ExperimentSpec.model_validate(
        {
            "variants": {"a": {}},
            "grid": {"/rate": [1, 2], AXIS: [1, 2]},
            "tune": {"over": "/rate"},
            "primary": {"kind": "range", "over": AXIS},
        }
    )
    finals = {(1, 1): 0.5, (2, 1): 0.9, (1, 2): 0.7, (2, 2): 0.2}
    made = [
        result("a", seed, ending(final), point={"/rate": rate, AXIS: value})
        for (rate, value), final in finals.items()
        for seed in (0, 1)
    ]
    scores = {each.job.id: float(each.curve.accuracy[-1]) for each in made if each.curve}
    found = of_variant(spec, trained(spec, made, scores), {}, "a", {})
    assert [each.value.low for each in found] == pytest.approx([0.2, 0.2])


def test_a_series_that_each_seed_has_anyway_is_not_read_again() -> None:
    spec = ExperimentSpec(variants={"a": {}})
    assert series_of(spec) is None
    assert series_of(ExperimentSpec(variants={"a": {}}, primary=Last(series="test.loss"))) == "test.loss"
    assert series_of(ExperimentSpec(variants={"a": {}}, primary=Mean(kind="mean"))) == "test.accuracy"
    assert series_of(ExperimentSpec(variants={"a": {}}, primary=AreaAbove(kind="area_above"))) is None
    assert series_of(asked(1, primary={"kind": "largest", "over": AXIS})) is None
