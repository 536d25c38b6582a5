"""How many times as fast a variant is, from trainings whose outcome is known."""

from math import inf

import pytest

from jobs.experiments.document import ExperimentSpec
from jobs.experiments.seeds import trained
from jobs.experiments.speedups import speedups, steps_by_seed
from jobs.experiments.statistics.interval import Bounds
from tests.support.trainings import results

SLOW, FAST = [0.1, 0.2, 0.3, 0.4, 0.9], [0.1, 0.9, 0.9, 0.9, 0.9]
SPEC = ExperimentSpec(variants={"plain": {}, "bn": {}}, targets=(0.5, "baseline_best"))


def test_a_speedup_is_the_steps_of_the_first_variant_by_those_of_the_other_at_each_target() -> None:
    found = speedups(SPEC, trained(SPEC, results({"plain": [SLOW] * 6, "bn": [FAST] * 6})))
    assert [(each.variant, each.over, each.target) for each in found] == [
        ("bn", "plain", 0.5),
        ("bn", "plain", "baseline_best"),
    ]
    assert found[0].ratio is not None
    assert found[0].ratio.low == pytest.approx(3)  # (300, 400] by (0, 100]
    assert found[0].ratio.high == inf
    assert found[0].ratio.n == 6


def test_seeds_are_paired_and_one_that_goes_on_has_no_pair() -> None:
    made = results({"plain": [SLOW, SLOW, SLOW], "bn": [FAST, FAST]})
    (found, _) = speedups(SPEC, trained(SPEC, made))
    assert found.ratio is not None
    assert found.ratio.n == 2


def test_one_that_diverged_takes_infinitely_many_steps() -> None:
    seeds = trained(SPEC, results({"plain": [SLOW, None], "bn": []})).chosen["plain", "{}"]
    assert steps_by_seed(seeds, 0) == {0: Bounds(300, 400), 1: Bounds(inf, inf)}


def test_without_a_baseline_that_has_ended_its_best_accuracy_is_no_target() -> None:
    seeds = trained(SPEC, results({"plain": [], "bn": [FAST]})).chosen["bn", "{}"]
    assert steps_by_seed(seeds, 1) == {}
