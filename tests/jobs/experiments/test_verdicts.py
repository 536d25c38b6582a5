"""What an experiment concludes, and in which words, from trainings whose outcome is known."""

from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
import pytest

from jobs.experiments.document import ExperimentSpec
from jobs.experiments.seeds import Result, trained
from jobs.experiments.statistics.interval import Bounds
from jobs.experiments.verdicts import Verdict, verdicts
from tests.support.trainings import CHANCE, Course, ending, result, results

TO_NINETY: dict[str, Any] = {"targets": [0.5, 0.9], "primary": {"kind": "steps_to", "target": 0.9}}


def judged(courses: dict[str, list[Course]], by_job: dict[str, Bounds] | None = None, **said: Any) -> list[Verdict]:
    spec = ExperimentSpec(variants={name: {} for name in courses}, **said)
    return list(verdicts(spec, trained(spec, results(courses)), by_job or {}))


def apart(*differences: float) -> dict[str, list[Course]]:
    """Trainings that end so much higher with the second variant than with the first."""
    return {
        "plain": [ending(0.5 + 0.001 * seed) for seed in range(len(differences))],
        "bn": [ending(0.5 + 0.001 * seed + each) for seed, each in enumerate(differences)],
    }


@pytest.mark.parametrize(
    ("differences", "delta", "outcome"),
    [
        ([0.1, 0.11, 0.12, 0.13, 0.14, 0.15], 0.0, "better"),
        ([-0.1, -0.11, -0.12, -0.13, -0.14, -0.15], 0.0, "worse"),
        ([-0.01, 0.02, -0.02, 0.01, 0.03, -0.03], 0.0, "open"),
        ([-0.01, 0.02, -0.02, 0.01, 0.03, -0.03], 0.05, "equal"),
        ([0.1, 0.11, 0.12, 0.13, 0.14], 0.0, "open"),
    ],
)
def test_a_difference_is_judged_by_its_interval_and_delta(differences: list[float], delta: float, outcome: str) -> None:
    (found,) = judged(apart(*differences), delta=delta)
    assert (found.variant, found.over, found.outcome, found.measure) == ("bn", "plain", outcome, "difference")
    assert found.interval is not None
    assert found.interval.n == len(differences)


def test_the_p_of_a_difference_is_corrected_for_the_variants_that_are_compared() -> None:
    courses = apart(0.1, 0.11, 0.12, 0.13, 0.14, 0.15)
    one, other = judged(courses | {"more": courses["bn"]})
    assert one.p == other.p == 2 / 2**6
    assert one.corrected_p == other.corrected_p == 4 / 2**6
    assert one.outcome == other.outcome == "open"
    assert one.sentence.endswith("Open: p is 0.062, corrected for two variants; more seeds may decide.")
    assert "corrected by Holm" in one.rule


def test_a_verdict_says_what_was_seen_and_what_follows() -> None:
    (found,) = judged(apart(0.1, 0.11, 0.12, 0.13, 0.14, 0.15))
    assert found.sentence == (
        "'bn' is 0.125 above 'plain' in test.accuracy at the end (96.9 % interval 0.1 to 0.15, 6 pairs of seeds). "
        "Better: p is 0.031."
    )


def test_three_seeds_are_told_what_they_cannot_show() -> None:
    slow, fast = [0.1, 0.2, 0.3, 0.4, 0.5], [0.1, 0.8, 0.91, 0.92, 0.93]
    (found,) = judged({"without": [slow] * 3, "with": [fast] * 3}, **TO_NINETY)
    assert found.sentence == (
        "'with' reached 0.9 after 100 to 200 steps in all three seeds; "
        "'without' never reached 0.9 within 400 steps, in all three seeds. "
        "That is at least 2 times as fast (75 % interval, 3 pairs of seeds). "
        "Open: the interval of three seeds covers 75 %; six are the fewest with which one covers 95 %."
    )
    assert (found.outcome, found.measure, found.p) == ("open", "ratio", 0.25)
    assert found.interval is not None
    assert found.interval.low == pytest.approx(2)
    assert found.interval.high == inf


def test_where_seeds_arrive_at_different_steps_those_that_are_said_are_the_medians() -> None:
    slow, fast = [0.1, 0.2, 0.3, 0.4, 0.5], [0.1, 0.8, 0.91, 0.92, 0.93]
    later, latest = [0.1, 0.8, 0.8, 0.92, 0.93], [0.1, 0.8, 0.8, 0.8, 0.93]
    (found,) = judged({"without": [slow] * 4, "with": [fast, later, latest, slow]}, **TO_NINETY)
    assert found.sentence.startswith(
        "'with' reached 0.9 in three of four seeds, their median after 200 to 300 steps, not within 400 in the other; "
    )


def test_six_seeds_show_that_a_variant_arrives_where_the_other_never_does() -> None:
    (found,) = judged({"without": [ending(0.5)] * 6, "with": [ending(1.0)] * 6}, **TO_NINETY)
    assert (found.outcome, found.rule.count("leaves out 1")) == ("better", 1)
    assert found.sentence.endswith("Better: p is 0.031.")


def test_seeds_of_which_some_arrive_are_told_by_number() -> None:
    (found,) = judged(
        {"without": [ending(1.0), ending(0.5), None], "with": [ending(1.0), ending(1.0), ending(0.5)]}, **TO_NINETY
    )
    assert (
        "'with' reached 0.9 after 200 to 300 steps in two of three seeds, not within 400 in the other;"
        in found.sentence
    )
    assert (
        "'without' reached 0.9 after 200 to 300 steps in one of three seeds, not within 400 in the others"
        in found.sentence
    )
    assert "(one diverged)" in found.sentence


def test_of_seeds_that_were_stopped_at_different_steps_both_are_said() -> None:
    (found,) = judged({"without": [[0.1, 0.2, 0.3], ending(0.5)], "with": [ending(1.0)] * 2}, **TO_NINETY)
    assert "'without' never reached 0.9 within 200 to 400 steps, in both seeds." in found.sentence


def test_where_one_seed_is_all_and_diverged_that_is_said_of_it() -> None:
    (found,) = judged({"without": [ending(0.8)], "with": [None]})
    assert found.sentence.startswith("The one seed of 'with' diverged. ")


def test_networks_that_go_on_as_nans_are_not_equal_but_have_diverged() -> None:
    def lost(variant: str, seed: int) -> Result:
        made = result(variant, seed, [CHANCE] * 5)
        assert made.curve is not None
        made.curve.loss[-1] = np.nan
        return made

    spec = ExperimentSpec(variants={"without": {}, "with": {}})
    (found,) = verdicts(spec, trained(spec, [lost(name, seed) for seed in range(6) for name in spec.variants]), {})
    assert (found.outcome, found.sentence.split(",")[0]) == ("open", "Every seed of 'with' and of 'without' diverged")


def test_one_seed_has_no_interval_and_the_sentence_says_why() -> None:
    (found,) = judged(apart(0.1))
    assert found.interval is not None
    assert (found.interval.low, found.interval.high, found.interval.coverage) == (None, None, None)
    assert (found.outcome, found.p) == ("open", 1.0)
    assert found.sentence == (
        "'bn' is 0.1 above 'plain' in test.accuracy at the end. "
        "Open: one seed says nothing of how seeds vary, so that there is no interval."
    )


def test_a_variant_that_diverged_in_every_seed_is_worse() -> None:
    (found,) = judged({"without": [ending(0.8)] * 6, "with": [None] * 6})
    assert found.outcome == "worse"
    assert found.sentence.startswith("All six seeds of 'with' diverged. 'with' is 0.7 below 'without'")
    (found,) = judged({"without": [ending(0.95)] * 6, "with": [None] * 6}, **TO_NINETY)
    assert found.outcome == "worse"
    assert "'with' never reached 0.9, in all six seeds (six diverged)" in found.sentence


def test_where_every_seed_of_both_diverged_nothing_is_concluded() -> None:
    (found,) = judged({"without": [None] * 6, "with": [None] * 6}, **TO_NINETY)
    assert found.outcome == "open"
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == (0.0, inf)
    assert found.sentence == (
        "Every seed of 'with' and of 'without' diverged, so that there is nothing to compare. Open."
    )
    (level,) = judged({"without": [None] * 6, "with": [None] * 6}, delta=0.1)
    assert level.outcome == "open"


def test_a_variant_without_a_seed_that_ended_is_open() -> None:
    (found,) = judged({"without": [], "with": [ending(0.8)]})
    assert (found.outcome, found.interval, found.p, found.corrected_p) == ("open", None, None, None)
    assert found.sentence == "'with' and 'without' have no seed in common that came to an end and can be read. Open."


def test_less_area_above_the_curve_is_better() -> None:
    (found,) = judged(apart(*[0.1] * 6), primary="area_above")
    assert found.outcome == "better"
    assert "below 'plain' in the area above the curve of test.accuracy" in found.sentence


@pytest.mark.parametrize(("goal", "outcome"), [("max", "worse"), ("min", "better")])
def test_of_any_series_the_document_says_what_is_better(goal: str, outcome: str) -> None:
    courses = apart(*[0.1] * 6)
    by_job = {
        f"{name}{seed}": Bounds(value, value) for name, value in (("plain", 0.5), ("bn", 0.2)) for seed in range(6)
    }
    primary = {"series": "activations.hidden1.saturated", "goal": goal, "kind": "mean", "from_step": 100}
    (found,) = judged(courses, by_job, primary=primary)
    assert found.outcome == outcome
    assert "0.3 below 'plain' in activations.hidden1.saturated, its mean from step 100 to the last" in found.sentence


def test_seeds_that_learn_with_one_variant_alone_are_counted() -> None:
    (found,) = judged({"without": [ending(0.8), None, None], "with": [ending(0.8)] * 3}, learned=0.5)
    assert found.learned is not None
    assert (found.learned.only_first, found.learned.only_second, found.learned.p) == (0, 2, 0.5)


def test_where_nobody_knows_the_best_of_the_first_variant_the_sentence_says_so() -> None:
    best: dict[str, Any] = {"targets": ["baseline_best"], "primary": {"kind": "steps_to", "target": "baseline_best"}}
    (found,) = judged({"plain": [None] * 6, "bn": [ending(0.9)] * 6}, **best)
    assert found.sentence == (
        "No accuracy of 'plain' is known for every seed, so that there is no best to arrive at. Open."
    )


def test_two_seeds_are_both() -> None:
    (found,) = judged({"plain": [ending(0.5)] * 2, "bn": [ending(0.6)] * 2}, **TO_NINETY)
    assert "'bn' never reached 0.9 within 400 steps, in both seeds" in found.sentence


def test_trainings_that_cannot_be_read_are_not_said_to_have_come_to_no_end() -> None:
    damaged = [replace(each, curve=None) for each in results(apart(0.1, 0.1))]
    spec = ExperimentSpec(variants={"plain": {}, "bn": {}})
    (found,) = verdicts(spec, trained(spec, damaged), {})
    assert found.sentence == "'bn' and 'plain' have no seed in common that came to an end and can be read. Open."
