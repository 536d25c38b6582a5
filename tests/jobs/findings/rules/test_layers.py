from dataclasses import replace

import pytest

from jobs.findings.rules import layers
from tests.support.evidence import shown

SIX = [1.0] * 6
BAD, GOOD = ({"loss": SIX, "accuracy": [accuracy] * 6} for accuracy in (0.5, 0.9))


def _gradients(*norms: float) -> dict[str, dict[str, list[float]]]:
    return {f"hidden{i}": {"gradient_norm": [norm] * 6, "update_ratio": [1e-3] * 6} for i, norm in enumerate(norms, 1)}


def test_how_much_the_gradient_shrinks_is_said_of_a_layer_and_of_all() -> None:
    found = layers.gradient_vanishes(shown(BAD, layers=_gradients(1e-6, 1e-4, 1e-2)), 1e-3)
    assert found is not None
    assert found.sentence == (
        "the gradient shrinks 100 times a layer: hidden1 gets 1/10,000 of hidden3's, from step 1 on"
    )
    assert (found.layer, found.step) == ("hidden1", 1)


@pytest.mark.parametrize(("first", "rule"), [(1e-4, "gradient_vanishes"), (1e4, "gradient_explodes"), (1, None)])
def test_a_gradient_vanishes_or_explodes_by_the_first_layers_part_of_the_last_ones(
    first: float, rule: str | None
) -> None:
    evidence = shown(BAD, layers=_gradients(first, 1, 1))
    assert (layers.gradient_vanishes(evidence, 1e-3) is not None) is (rule == "gradient_vanishes")
    assert (layers.gradient_explodes(evidence, 1e3) is not None) is (rule == "gradient_explodes")


def test_without_any_gradient_nothing_is_compared_and_nothing_is_divided_by_0() -> None:
    assert layers.gradient_vanishes(shown(BAD, layers=_gradients(0, 0, 0)), 1e-3) is None
    found = layers.gradient_vanishes(shown(BAD, layers=_gradients(0, 1, 1)), 1e-3)
    assert found is not None
    assert "hidden1 gets nothing of hidden3's" in found.sentence


def test_layers_that_are_frozen_get_no_gradient_and_nothing_is_said_of_it() -> None:
    vanished = shown(BAD, layers=_gradients(1e-9, 0, 1, 1, 1), architecture={"preset": "mlp", "hidden": [10] * 5})
    assert layers.gradient_vanishes(vanished, 1e-3) is not None
    document = {**vanished.resolved.document, "initial": {"job": "another", "frozen": ["hidden1", "hidden2"]}}
    started = replace(vanished, resolved=replace(vanished.resolved, document=document))
    assert layers.gradient_vanishes(started, 1e-3) is None


def test_two_layers_are_too_few_to_speak_of_depth() -> None:
    assert layers.gradient_vanishes(shown(BAD, layers=_gradients(1e-9, 1)), 1e-3) is None


def test_the_worst_of_the_saturated_layers_is_named_and_the_others_beside_it() -> None:
    found = layers.saturated(
        shown(BAD, layers={"hidden1": {"saturated": [0.6] * 6}, "hidden2": {"saturated": [0.1] + [0.97] * 5}}), 0.5
    )
    assert found is not None
    assert found.sentence == "97 % of hidden2 is saturated, from step 101 on; so is most of hidden1"
    assert (found.layer, found.step) == ("hidden2", 101)


def test_in_a_good_training_a_layer_counts_as_saturated_only_if_it_was_drawn_so() -> None:
    drawn, became = {"hidden1": {"saturated": [0.6] * 6}}, {"hidden1": {"saturated": [0.1] + [0.9] * 5}}
    assert layers.saturated(shown(GOOD, layers=drawn), 0.5) is not None
    assert layers.saturated(shown(GOOD, layers=became), 0.5) is None
    assert layers.saturated(shown(BAD, layers=became), 0.5) is not None
    assert layers.saturated(shown(GOOD, layers=drawn, batch_norm=True), 0.5) is None


def test_relus_are_dead_from_nine_in_ten_on() -> None:
    assert layers.dead(shown(BAD, layers={"hidden1": {"dead": [0.91] * 6}}), 0.9) is not None
    assert layers.dead(shown(BAD, layers={"hidden1": {"dead": [0.89] * 6}}), 0.9) is None


def _deviations(*values: float) -> dict[str, dict[str, list[float]]]:
    return {f"hidden{i}": {"std": [value] * 6} for i, value in enumerate(values, 1)}


def test_what_layers_get_shrinks_from_one_to_the_next_in_a_training_at_chance() -> None:
    chance = {"loss": SIX, "accuracy": [0.1] * 6}
    found = layers.signal_vanishes(shown(chance, layers=_deviations(1, 0.1, 0.001)), 1e-2)
    assert found is not None
    assert found.sentence.startswith(
        "what layers get shrinks 32 times a layer: hidden3 gets values with an sd of 0.001"
    )
    assert layers.signal_vanishes(shown(chance, layers=_deviations(1, 0.1, 0.02)), 1e-2) is None
    assert layers.signal_vanishes(shown(BAD, layers=_deviations(1, 0.1, 0.001)), 1e-2) is None


def test_at_chance_a_gradient_vanishes_ten_times_sooner() -> None:
    chance = {"loss": SIX, "accuracy": [0.1] * 6}
    assert layers.gradient_vanishes(shown(chance, layers=_gradients(5e-3, 1, 1)), 1e-3) is not None
    assert layers.gradient_vanishes(shown(BAD, layers=_gradients(5e-3, 1, 1)), 1e-3) is None
