"""What a document asks is read back from where it is stored, and whether more of it is better."""

from typing import Any

import pytest

from jobs.experiments.document import ExperimentSpec
from jobs.experiments.question import (
    AnyPrimary,
    Gain,
    Largest,
    Last,
    Range,
    StepsTo,
    Wander,
    is_higher_better,
    is_ratio,
    stored,
)

RATE = "/training/optimizer/learning_rate"


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"tune": {"over": RATE, "by": "validation.loss"}, "targets": ["baseline_best"]},
        {"primary": {"kind": "gain", "over": RATE, "without": 0, "goal": "min"}},
        {"primary": {"kind": "rms", "series": "test.loss", "from_step": 5}},
    ],
)
def test_a_stored_question_is_the_one_that_was_asked(said: dict[str, Any]) -> None:
    asked = ExperimentSpec.model_validate({"variants": {"a": {}}, "grid": {RATE: [0, 1]}} | said)
    found = stored(asked.model_dump(mode="json"))
    assert found == {name: getattr(asked, name) for name in ("targets", "primary", "tune")}


def test_a_document_of_an_earlier_release_asks_for_the_accuracy_at_the_end() -> None:
    assert stored({"targets": [0.5]}) == {"targets": (0.5,), "primary": Last(), "tune": None}


def test_what_is_better_and_whether_it_is_a_ratio_follow_from_what_is_asked() -> None:
    largest, span = Largest(kind="largest", over=RATE), Range(kind="range", over=RATE)
    steps, wander = StepsTo(kind="steps_to", target=0.9), Wander(kind="wander", series="units.hidden1")
    gains = [Gain.model_validate({"kind": "gain", "over": RATE, "without": 0, "goal": goal}) for goal in ("min", "max")]
    asked: tuple[AnyPrimary, ...] = (largest, span, steps, wander, *gains)
    assert [is_higher_better(each) for each in asked] == [True, False, False, False, False, True]
    assert [is_ratio(each) for each in asked] == [True, False, True, False, False, False]
