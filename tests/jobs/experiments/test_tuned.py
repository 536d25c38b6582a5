"""Variants are compared at the settings that were chosen for their seeds, and the answer says which."""

from typing import Any

import pytest

from jobs.experiments.document import ExperimentSpec
from jobs.experiments.numbers import Number
from jobs.experiments.seeds import trained
from jobs.experiments.speedups import speedups
from jobs.experiments.statistics.interval import Bounds
from jobs.experiments.tuned import at_chosen, tuned
from jobs.experiments.verdicts import Verdict, verdicts
from tests.support.trainings import Course, along, ending

RATE = "/training/optimizer/learning_rate"
Courses = dict[str, dict[float, list[Course]]]

PLAIN: dict[float, list[Course]] = {
    0.3: [ending(0.7 + seed / 100) for seed in range(6)],
    1.0: [ending(0.6)] * 6,
    3.0: [None] * 6,
}
BN: dict[float, list[Course]] = {
    0.3: [ending(0.8)] * 6,
    1.0: [ending(0.85)] * 6,
    3.0: [ending(0.9 + seed / 100) for seed in range(6)],
}


def spec_of(courses: Courses, **said: Any) -> ExperimentSpec:
    grid = {RATE: [*next(iter(courses.values()))]}
    asked = {"variants": {name: {} for name in courses}, "grid": grid, "tune": {"over": RATE}, "learned": 0.5}
    return ExperimentSpec.model_validate(asked | said)


def scores_of(courses: Courses) -> dict[str, float]:
    """The final accuracy of each: here the validation part says what the test set does."""
    made = along(RATE, courses)
    return {each.job.id: 0.1 if each.job.error else float(each.curve.accuracy[-1]) for each in made if each.curve}


def judged(courses: Courses, **said: Any) -> Verdict:
    spec = spec_of(courses, **said)
    (found,) = verdicts(spec, trained(spec, along(RATE, courses), scores_of(courses)), {})
    return found


def test_a_verdict_is_of_each_variant_at_its_best_setting_and_says_which() -> None:
    found = judged({"plain": PLAIN, "bn": BN})
    assert (found.outcome, found.point) == ("better", {})
    assert found.sentence == (
        "'bn' is 0.2 above 'plain' in test.accuracy at the end (96.9 % interval 0.2 to 0.2, 6 pairs of seeds). "
        "Each seed is at the best of 3 values of the learning rate, chosen by the other seeds on the validation part: "
        "'bn' at 3, 'plain' at 0.3. Better: p is 0.031."
    )
    assert found.rule.endswith(
        "; each seed at the setting of /training/optimizer/learning_rate that the other seeds' validation.accuracy "
        "likes best, of those that came to an end at every setting"
    )
    assert [side.variant for side in found.values] == ["bn", "plain"]
    assert [(each.seed, each.job) for each in found.values[0].seeds] == [(i, f"bn3.0{i}") for i in range(6)]
    assert found.values[1].seeds[5].low == found.values[1].seeds[5].high == pytest.approx(0.75)
    assert found.learned is not None


def test_speedups_are_of_the_chosen_settings_too() -> None:
    courses = {"plain": PLAIN, "bn": BN}
    spec = spec_of(courses, targets=[0.7])
    (found,) = speedups(spec, trained(spec, along(RATE, courses), scores_of(courses)))
    assert found.point == {}
    assert found.ratio is not None
    assert found.ratio.n == 6


def test_of_each_setting_there_is_how_good_it_is_and_how_many_work() -> None:
    courses = {"plain": PLAIN, "bn": BN}
    spec = spec_of(courses)
    plain, bn = tuned(spec, trained(spec, along(RATE, courses), scores_of(courses)), {})
    assert (plain.variant, plain.point, plain.over, plain.by) == ("plain", {}, (RATE,), "validation.accuracy")
    assert (plain.working, bn.working) == (2, 3)
    assert [(each.at, each.learned, each.n) for each in plain.settings] == [
        ({RATE: 0.3}, 6, 6),
        ({RATE: 1.0}, 6, 6),
        ({RATE: 3.0}, 0, 6),
    ]
    assert plain.settings[1].by is not None
    assert plain.settings[1].primary is not None
    assert plain.settings[1].by.centre == plain.settings[1].primary.centre == pytest.approx(0.6)
    assert [(each.seed, each.job, each.at) for each in bn.chosen] == [(i, f"bn3.0{i}", {RATE: 3.0}) for i in range(6)]
    assert tuned(spec_of(courses, tune=None), trained(spec, [], {}), {}) == ()


def test_what_a_setting_has_in_steps_is_a_median_of_bounds() -> None:
    courses = {"plain": PLAIN, "bn": BN}
    spec = spec_of(courses, targets=[0.7], primary={"kind": "steps_to", "target": 0.7})
    _, bn = tuned(spec, trained(spec, along(RATE, courses), scores_of(courses)), {})
    assert bn.settings[0].primary is not None
    assert bn.settings[0].primary.centre == Bounds(200, 300)


def test_settings_that_seeds_do_not_agree_on_are_named() -> None:
    torn: dict[float, list[Course]] = {0.3: [ending(0.6)] * 6, 1.0: [ending(0.85), *[ending(0.55)] * 5]}
    found = judged({"plain": torn, "bn": {0.3: [ending(0.9)] * 6, 1.0: [ending(0.8)] * 6}})
    assert "'bn' at 0.3, 'plain' most often at 1." in found.sentence
    assert [each.job for each in found.values[1].seeds] == ["plain0.30", *(f"plain1.0{seed}" for seed in range(1, 6))]


def test_where_there_is_one_setting_nothing_is_said_of_a_choice() -> None:
    found = judged({"plain": {1: [ending(0.5)] * 6}, "bn": {1: [ending(0.6)] * 6}})
    assert "chosen" not in found.sentence
    assert found.outcome == "better"


def test_numbers_at_chosen_settings_are_in_the_order_of_the_seeds_whichever_setting_each_has() -> None:
    courses: Courses = {"plain": {0.3: [ending(0.85), *[ending(0.55)] * 5], 1.0: [ending(0.6)] * 6}}
    made = along(RATE, courses)
    found = [Number(each.member, each.job.id, Bounds(0.0, 0.0)) for each in made]
    kept = at_chosen(spec_of(courses), [(each.member, each.job) for each in made], scores_of(courses), found)
    assert [each.job for each in kept] == ["plain1.00", *(f"plain0.3{seed}" for seed in range(1, 6))]
    assert {str(each.member.point) for each in kept} == {"{}"}


def test_one_seed_has_no_others_to_choose_by_and_the_sentence_says_so() -> None:
    found = judged({"plain": {1: [ending(0.5)], 2: [ending(0.6)]}, "bn": {1: [ending(0.5)], 2: [ending(0.6)]}})
    assert (found.outcome, found.interval, found.p) == ("open", None, None)
    assert found.sentence == (
        "'bn' has fewer than two seeds that came to an end at every setting, so that there are no others by which to "
        "choose a seed's best of 2 values of the learning rate. Open."
    )


def test_where_every_seed_of_both_diverged_at_every_setting_that_is_the_outcome() -> None:
    lost: dict[float, list[Course]] = {1: [None] * 6, 2: [None] * 6}
    found = judged({"plain": lost, "bn": lost}, delta=0.5)
    assert found.outcome == "open"
    assert found.sentence.startswith("Every seed of 'bn' and of 'plain' diverged, so that there is nothing to compare.")


def test_the_largest_values_at_which_seeds_learn_are_compared_as_ratios() -> None:
    largest = {"kind": "largest", "over": RATE}
    found = judged({"plain": PLAIN, "bn": BN}, tune=None, primary=largest)
    assert (found.measure, found.point) == ("ratio", {})
    assert [(each.low, each.high) for each in found.values[1].seeds] == [(1.0, 3.0)] * 6
    assert found.sentence == (
        "To 0.5 at the end 'bn' learns up to learning rate 3, the largest that was tried, in the median of six seeds; "
        "'plain' learns up to learning rate 1 (not at 3) in the median of six seeds. "
        "That is at least 1 times as much (96.9 % interval, 6 pairs of seeds). "
        "Open: the interval holds 1; more seeds may decide."
    )
    slower = PLAIN | {1.0: [None] * 6}
    assert judged({"plain": slower, "bn": BN}, tune=None, primary=largest).outcome == "better"
    nothing: dict[float, list[Course]] = dict.fromkeys(PLAIN, [ending(0.2)] * 6)
    assert "'plain' learns at no learning rate in the median of six seeds" in (
        judged({"plain": nothing, "bn": BN}, tune=None, primary=largest).sentence
    )


def test_of_two_seeds_in_the_middle_the_lesser_tells_up_to_which_value_they_learn() -> None:
    torn: dict[float, list[Course]] = {
        0.3: [ending(0.6)] * 2,
        1.0: [ending(0.2), ending(0.6)],
        3.0: [None, ending(0.6)],
    }
    found = judged({"plain": torn, "bn": torn}, tune=None, primary={"kind": "largest", "over": RATE})
    assert "'bn' learns up to learning rate 0.3 (not at 1) in the median of two seeds" in found.sentence


def test_less_range_is_better() -> None:
    found = judged({"plain": PLAIN, "bn": BN}, tune=None, primary={"kind": "range", "over": RATE})
    assert found.outcome == "better"
    assert "below 'plain' in how far test.accuracy at the end ranges over learning rate (" in found.sentence
    assert {each.job for side in found.values for each in side.seeds} == {None}


@pytest.mark.parametrize(("goal", "outcome"), [("min", "better"), ("max", "worse")])
def test_what_is_gained_less_with_one_variant_is_an_interaction(goal: str, outcome: str) -> None:
    gain = {"kind": "gain", "over": RATE, "without": 0.3, "goal": goal}
    plain: dict[float, list[Course]] = {0.3: [ending(0.5)] * 6, 1.0: [ending(0.7 + i / 100) for i in range(6)]}
    found = judged({"plain": plain, "bn": {0.3: [ending(0.8)] * 6, 1.0: [ending(0.8)] * 6}}, tune=None, primary=gain)
    assert found.outcome == outcome
    assert "below 'plain' in what learning rate gains over 0.3 in test.accuracy at the end" in found.sentence


def test_a_variant_that_does_not_record_what_it_is_judged_by_is_named() -> None:
    courses: Courses = {"plain": {1: [ending(0.5)] * 2}, "bn": {1: [ending(0.5)] * 2}}
    spec = spec_of(courses, tune=None, primary={"series": "drift.hidden1.mean_gap", "goal": "min"})
    of_bn = {f"bn1{seed}": Bounds(1, 1) for seed in range(2)}
    (found,) = verdicts(spec, trained(spec, along(RATE, courses)), of_bn)
    assert found.outcome == "open"
    assert (
        found.sentence
        == "No seed of 'plain' that came to an end has a number in drift.hidden1.mean_gap at the end. Open."
    )
