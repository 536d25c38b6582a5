"""What of a claim's result is drawn."""

from ctypes import c_float
from math import inf
from typing import Any

import pytest

from bnlab.figures.columns import Dot
from bnlab.figures.results import (
    against_the_first,
    are_steps,
    failed_jobs,
    final_accuracies,
    primary_in_words,
    shown,
    values,
)
from tests.support.claim_results import NEVER, RATE, STD, estimate, group, job_of, result, verdict

WITHOUT, WITH = "without BN", "with BN"


def compared(numbers: dict[str, Any], measure: str = "difference", **primary: Any) -> dict[str, Any]:
    groups = [group(name, {}, [0.9] * len(numbers[name])) for name in (WITHOUT, WITH)]
    verdicts = [verdict(WITH, WITHOUT, {}, numbers, measure=measure)]
    return result([WITHOUT, WITH], groups=groups, verdicts=verdicts, document={"primary": primary} if primary else {})


def test_a_seed_has_failed_where_it_diverged_or_ended_below_the_bar() -> None:
    groups = [group(WITH, {}, [None, 0.4, 0.9])]
    assert failed_jobs(result([WITH], groups=groups)) == {job_of(WITH, {}, 0)}
    assert failed_jobs(result([WITH], groups=groups, document={"learned": 0.5})) == {
        job_of(WITH, {}, 0),
        job_of(WITH, {}, 1),
    }


def test_a_seed_at_the_bar_itself_has_learned_though_its_accuracy_is_a_float32() -> None:
    at_the_bar = float(c_float(0.7).value)
    assert at_the_bar < 0.7
    assert failed_jobs(result([WITH], groups=[group(WITH, {}, [at_the_bar])], document={"learned": 0.7})) == set()


def test_differences_are_of_the_same_seed_and_have_bounds() -> None:
    found = compared({WITHOUT: [(0.5, 0.5), (0.25, 0.5)], WITH: [(0.75, 0.75), (0.75, 0.75)]})
    (column,) = against_the_first(found)
    assert column.dots == (Dot(0, 0.25, 0.25), Dot(1, 0.25, 0.5))
    assert column.word == "better"


def test_steps_are_compared_by_how_many_times_as_fast() -> None:
    steps = {WITHOUT: [(800, 1000), (1000, inf), NEVER], WITH: [(80, 100), (100, 100), NEVER]}
    (column,) = against_the_first(compared(steps, "ratio", kind="steps_to", target=0.9))
    assert column.dots == (Dot(0, 8.0, 12.5), Dot(1, 10.0, inf), Dot(2, -inf, inf))


def test_the_largest_rate_that_works_is_drawn_at_that_rate_and_compared_by_how_many_times_as_large() -> None:
    largest = {WITHOUT: [(1, 3), (0, 0.1)], WITH: [(10, 30), (100, inf)]}
    found = compared(largest, "ratio", kind="largest", over=RATE)
    first, second = values(found)
    assert first.dots == (Dot(0, 1, 1), Dot(1, 0, 0.1, failed=True))
    assert second.dots == (Dot(0, 10, 10), Dot(1, 100, inf))
    (column,) = against_the_first(found)
    assert column.dots[0] == Dot(0, 10 / 3, 30)


def test_an_answer_without_the_seeds_numbers_has_nothing_to_draw() -> None:
    old = compared({WITHOUT: [(0.5, 0.5)], WITH: [(0.6, 0.6)]})
    del old["verdicts"][0]["values"]
    assert values(old) == []
    assert against_the_first(old)[0].dots == ()


def test_a_shown_series_has_each_seed_with_a_number_and_how_many_learned() -> None:
    seeds = [
        {"seed": seed, "job": job_of(WITH, {}, seed), "value": value} for seed, value in enumerate([1.0, None, 2.0])
    ]
    kept = {"rank.hidden1.rank": [{"variant": WITH, "point": {}, "seeds": seeds, "value": estimate([1.0, 2.0])}]}
    (column,) = shown(result([WITH], groups=[group(WITH, {}, [None, 0.9, 0.9])], shown=kept), "rank.hidden1.rank")
    assert column.dots == (Dot(0, 1.0, 1.0, failed=True), Dot(2, 2.0, 2.0))
    assert column.word == "1 of 2\nlearned"


def test_a_seed_that_was_cancelled_has_no_dot() -> None:
    cancelled = group(WITH, {}, [0.9, 0.9])
    cancelled["seeds"][0] |= {"outcome": "cancelled", "measured": None}
    (column,) = final_accuracies(result([WITH], groups=[cancelled]))
    assert [dot.seed for dot in column.dots] == [1]


@pytest.mark.parametrize(
    ("primary", "said", "steps"),
    [
        (None, "accuracy on the test set at the end", False),
        ("area_above", "mean error over the training", False),
        (
            {"kind": "mean", "series": "landscape.loss_range", "goal": "min"},
            "landscape loss range, its mean over steps",
            False,
        ),
        ({"kind": "rms", "series": "train.loss"}, "train loss, root mean square over steps", False),
        ({"kind": "wander", "series": "units.hidden3"}, "wandering of hidden3's units", False),
        ({"kind": "steps_to", "target": "baseline_best"}, "steps to the best of the first variant", True),
        ({"kind": "largest", "over": RATE}, "largest learning rate at which it learns", False),
        ({"kind": "range", "over": STD}, "accuracy: best less worst over initialization sd", False),
        ({"kind": "gain", "over": STD, "goal": "min"}, "accuracy gained by initialization sd", False),
    ],
)
def test_what_is_compared_is_said_in_words(primary: Any, said: str, steps: bool) -> None:
    asked = result([WITH], document={"primary": primary} if primary else {})
    assert primary_in_words(asked) == said
    assert are_steps(asked) is steps
