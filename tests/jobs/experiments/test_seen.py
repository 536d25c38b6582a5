"""What is seen of two variants side by side, from trainings whose outcome is known."""

from typing import Any

import pytest

from jobs.experiments.document import ExperimentSpec
from jobs.experiments.seeds import trained
from jobs.experiments.seen import Choice, Seen, seen_at
from jobs.experiments.statistics.interval import Bounds
from jobs.experiments.statistics.outcomes import Discordant
from jobs.experiments.tuning import Setting, Settings
from tests.support.trainings import Course, ending, results

EVERYWHERE = Settings({}, (Setting({}, "{}"),))
GOOD, BAD = ending(0.8), ending(0.3)
LATE = [0.1, 0.2, 0.3, 0.4, 0.9]
EARLY = [0.1, 0.2, 0.9, 0.9, 0.9]


def seen(courses: dict[str, list[Course]], **said: Any) -> Seen:
    spec = ExperimentSpec(variants={name: {} for name in courses}, **said)
    (found,) = seen_at(spec, trained(spec, results(courses)), {}, EVERYWHERE)
    return found


def test_a_difference_is_the_variants_number_less_the_firsts_of_the_seeds_that_both_have() -> None:
    found = seen({"plain": [BAD, BAD, BAD], "bn": [GOOD, GOOD]})
    assert (found.one.name, found.other.name, found.pairs) == ("bn", "plain", 2)
    assert found.interval is not None
    assert found.interval.centre == pytest.approx(0.5)
    assert found.p == 0.5
    assert len(found.other.values) == 3


def test_fewer_steps_are_a_ratio_above_1() -> None:
    found = seen({"plain": [LATE] * 2, "bn": [EARLY] * 2}, targets=(0.5,), primary={"kind": "steps_to", "target": 0.5})
    assert found.interval is not None
    assert [found.interval.low, found.interval.high] == pytest.approx([1.5, 4])
    assert found.target == 0.5
    assert found.one.values == [Bounds(100, 200)] * 2


def test_which_seeds_have_learned_is_counted_where_there_is_a_bar() -> None:
    courses: dict[str, list[Course]] = {"plain": [BAD, GOOD, None], "bn": [GOOD, GOOD, GOOD]}
    assert seen(courses).learned is None
    assert seen(courses, learned=0.5).learned == Discordant(only_first=0, only_second=2, p=0.5)


def test_all_have_diverged_where_each_of_some_seeds_did() -> None:
    assert seen({"plain": [None], "bn": [None]}).all_diverged
    assert not seen({"plain": [None], "bn": [GOOD]}).all_diverged
    assert not seen({"plain": [], "bn": []}).all_diverged


def test_what_is_tuned_is_said_by_its_axes_and_the_number_of_their_settings() -> None:
    spec = ExperimentSpec.model_validate(
        {"variants": {"a": {}, "b": {}}, "grid": {"/x": [1, 2]}, "tune": {"over": "/x"}}
    )
    place = Settings({}, (Setting({"/x": 1}, '{"/x": 1}'), Setting({"/x": 2}, '{"/x": 2}')))
    (found,) = seen_at(spec, trained(spec, []), {}, place)
    assert found.choice == Choice(("/x",), 2)
    assert found.interval is None
