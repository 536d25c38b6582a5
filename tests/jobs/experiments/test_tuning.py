"""Each seed counts at the setting that the others choose for it, and at none before all have been tried."""

from typing import Any

import pytest

from jobs.experiments.document import ExperimentSpec
from jobs.experiments.seeds import Trained, trained
from jobs.experiments.statistics.interval import Bounds
from jobs.experiments.tuning import choices, choosing_axes, chosen_by, scores_of
from jobs.lifecycle.job import Status
from tests.support.trainings import along, ending, result

RATE = "/rate"
JOBS = [{0: "a0", 1: "a1", 2: "a2"}, {0: "b0", 1: "b1", 2: "b2"}]


def tuned(results: list[Any], scores: dict[str, float], **said: Any) -> Trained:
    asked = {"variants": {"plain": {}, "bn": {}}, "grid": {RATE: [0.1, 1.0]}, "tune": {"over": RATE}, "seeds": 3}
    return trained(ExperimentSpec.model_validate(asked | said), results, scores)


def test_a_seed_without_a_score_at_some_setting_neither_counts_nor_chooses() -> None:
    scores = {"a0": 0.9, "a1": 0.9, "a2": 0.1, "b0": 0.8, "b1": 0.8, "b2": 0.9}
    assert choices(JOBS, scores) == {0: 1, 1: 1, 2: 0}
    del scores["b2"]
    assert choices(JOBS, scores) == {0: 0, 1: 0}
    del scores["a1"]
    assert choices(JOBS, scores) == {}


def test_less_loss_is_better_and_infinite_loss_the_worst() -> None:
    scores = scores_of("validation.loss", {"a": Bounds(0.5, 0.5), "b": Bounds(float("inf"), float("inf"))})
    assert scores["a"] > scores["b"]
    assert scores_of("validation.accuracy", {"a": Bounds(0.5, 0.5)}) == {"a": 0.5}


def test_a_gain_over_two_values_chooses_nothing_and_over_three_by_the_validation_part() -> None:
    def asked(*values: float, **said: Any) -> ExperimentSpec:
        gain = {"kind": "gain", "over": "/drop", "without": 0, "goal": "min"}
        document = {"variants": {"a": {}}, "grid": {"/drop": values, RATE: [1, 2]}, "primary": gain}
        return ExperimentSpec.model_validate(document | said, strict=False)

    assert (choosing_axes(asked(0, 0.5)), chosen_by(asked(0, 0.5))) == ((), None)
    assert (choosing_axes(asked(0, 0.2, 0.5)), chosen_by(asked(0, 0.2, 0.5))) == (("/drop",), "validation.accuracy")
    tune = {"over": RATE, "by": "validation.loss"}
    assert chosen_by(asked(0, 0.5, tune=tune)) == "validation.loss"
    assert choosing_axes(asked(0, 0.2, 0.5, tune=tune)) == (RATE, "/drop")


def test_the_baselines_best_is_that_of_its_seeds_at_the_settings_that_were_chosen() -> None:
    made = along(
        RATE,
        {
            "plain": {0.1: [ending(0.5), ending(0.6)], 1.0: [ending(0.7), ending(0.8)]},
            "bn": {0.1: [ending(0.9)] * 2, 1.0: [ending(0.9)] * 2},
        },
    )
    scores = {"plain0.10": 0.9, "plain0.11": 0.1, "plain1.00": 0.1, "plain1.01": 0.9}
    found = tuned(made, scores, targets=["baseline_best"])
    at_chosen = [each.job for each in found.chosen["plain", "{}"]]
    assert at_chosen == ["plain1.00", "plain0.11"]
    assert [each for targets in found.targets.values() for each in targets] == pytest.approx([(0.7 + 0.6) / 2] * 2)
    assert found.chosen["bn", "{}"] == ()


def test_while_a_seed_runs_it_has_no_setting() -> None:
    made = along(RATE, {"plain": {0.1: [ending(0.5)] * 2, 1.0: [ending(0.7)] * 2}})
    made += [result("plain", 2, ending(0.9), point={RATE: 0.1})]
    made += [result("plain", 2, [0.1], point={RATE: 1.0}, status=Status.RUNNING)]
    scores = {each.job.id: 0.5 for each in made if each.job.status is Status.SUCCEEDED}
    assert [each.seed for each in tuned(made, scores).chosen["plain", "{}"]] == [0, 1]
