"""What one training came to, and the targets of an experiment as numbers."""

from math import inf
from typing import Any

import numpy as np
import pytest

from jobs.experiments.document import ExperimentSpec
from jobs.experiments.seeds import Measured, Result, has_learned, trained
from jobs.experiments.statistics.interval import Bounds
from jobs.lifecycle.job import Status
from tests.support.trainings import CHANCE, ending, result, results


def spec(*targets: Any) -> ExperimentSpec:
    return ExperimentSpec(variants={"a": {}, "b": {}}, targets=targets)


def measured(found: Result, *targets: float) -> Measured | None:
    (seed,) = trained(spec(*targets), [found]).seeds[found.member.variant, found.member.at]
    return seed.measured


def test_a_training_that_diverged_is_at_chance_and_never_arrives() -> None:
    whole, cut = measured(result("a", 0, None), 0.5), measured(result("a", 0, None), 0.9)
    assert whole == cut
    assert whole == Measured(CHANCE, inf, CHANCE, 1 - CHANCE, (Bounds(inf, inf),))


def test_a_training_that_diverged_counts_although_its_curve_cannot_be_read() -> None:
    lost = result("a", 0, None)
    found = measured(Result(lost.member, lost.job, None), 0.5)
    assert found is not None
    assert (found.final_accuracy, found.steps_to) == (CHANCE, (Bounds(inf, inf),))


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.RUNNING, Status.QUEUED, Status.FAILED])
def test_a_training_that_came_to_no_end_of_its_own_says_nothing(status: Status) -> None:
    assert measured(result("a", 0, ending(0.9), status=status), 0.5) is None


def test_a_training_that_was_stopped_early_stays_at_its_last_accuracy() -> None:
    found, whole = measured(result("a", 0, [0.5, 0.5])), measured(result("a", 0, [0.5] * 5))
    assert found is not None
    assert whole is not None
    assert found.area_above == whole.area_above == 0.5


def test_a_training_that_diverged_has_not_learned_however_low_the_bar() -> None:
    lost, whole = measured(result("a", 0, None)), measured(result("a", 0, [CHANCE]))
    assert lost is not None
    assert whole is not None
    assert (has_learned(lost, CHANCE), has_learned(whole, CHANCE)) == (False, True)


def test_in_the_baselines_best_mean_a_seed_that_was_stopped_stays_where_it_was() -> None:
    found = trained(spec("baseline_best"), results({"a": [[0.1, 0.88], [0.1, 0.5, 0.7, 0.97, 0.95]]}))
    assert [*found.targets["{}"]] == pytest.approx([(0.88 + 0.97) / 2])


def test_a_loss_that_is_not_finite_is_infinitely_bad() -> None:
    odd = result("a", 0, [0.1, 0.2])
    assert odd.curve is not None
    odd.curve.loss[-1] = np.nan
    found = measured(odd)
    assert found is not None
    assert found.final_loss == inf
    assert found.final_accuracy == pytest.approx(0.2)


def test_the_baselines_best_is_the_greatest_mean_over_its_seeds_at_one_step() -> None:
    made = results({"a": [[0.1, 0.6, 0.9, 0.7, 0.6], [0.1, 0.7, 0.5, 0.9, 0.8]], "b": [ending(0.95)]})
    found = trained(spec("baseline_best", 0.5), made)
    assert list(found.targets["{}"]) == pytest.approx([0.8, 0.5])
    assert found.seeds["b", "{}"][0].measured is not None
    assert found.seeds["b", "{}"][0].measured.steps_to[0] == Bounds(200, 300)


def test_a_baseline_that_diverged_is_at_chance_in_that_mean() -> None:
    made = results({"a": [[0.1, 0.5, 0.7, 0.8, 0.9], None]})
    assert list(trained(spec("baseline_best"), made).targets["{}"]) == pytest.approx([(0.9 + CHANCE) / 2])
    made = [*results({"a": [ending(0.8)]}), result("a", 1, None)]
    lost = made[1].curve
    assert lost is not None
    cut = Result(made[1].member, made[1].job, type(lost)(np.array([0]), lost.loss[:1], np.array([0.1], np.float32)))
    assert list(trained(spec("baseline_best"), [made[0], cut]).targets["{}"]) == pytest.approx([(0.8 + CHANCE) / 2])


def test_there_is_no_best_of_a_baseline_that_has_not_ended() -> None:
    made = [result("a", 0, ending(0.9), status=Status.RUNNING), result("b", 0, ending(0.9))]
    found = trained(spec("baseline_best", 0.5), made)
    assert found.targets["{}"] == (None, 0.5)
    assert found.seeds["b", "{}"][0].measured is not None
    assert found.seeds["b", "{}"][0].measured.steps_to[0] is None


def test_an_accuracy_that_was_measured_as_a_float32_meets_a_bar_of_the_same_digits() -> None:
    found = measured(result("a", 0, ending(0.9)))
    assert found is not None
    assert found.final_accuracy < 0.9
    assert has_learned(found, 0.9)
    assert not has_learned(found, 0.901)
