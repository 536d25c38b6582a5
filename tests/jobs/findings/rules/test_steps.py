import pytest

from jobs.findings.finding import Finding
from jobs.findings.rules import steps
from tests.support.evidence import shown

NAN = float("nan")
AT_CHANCE = {"loss": [2.4, 2.3, 2.3, 2.3, 2.3, 2.3], "accuracy": [0.1] * 6}
LEARNT = {"loss": [2.4, 1, 0.5, 0.3, 0.2, 0.2], "accuracy": [0.1, 0.7, 0.8, 0.9, 0.9, 0.9]}
SGD = {"optimizer": {"kind": "sgd", "learning_rate": 0.1}}


def _layers(**ratios: list[float]) -> dict[str, dict[str, list[float]]]:
    return {name: {"update_ratio": ratio} for name, ratio in ratios.items()}


def _sentence(finding: Finding | None) -> str:
    assert finding is not None
    return finding.sentence


def test_the_layer_that_broke_first_is_named_with_its_step_and_the_step_that_threw_it() -> None:
    layers: dict[str, dict[str, list[float]]] = {
        "hidden1": {"std": [1, 1, 1, NAN], "update_ratio": [0.1, 0.1, 9, NAN]},
        "hidden2": {"std": [1, 1, NAN, NAN], "update_ratio": [0.1, 5, NAN, NAN]},
    }
    found = steps.diverged(shown({"loss": [2, 3, 9, NAN], "accuracy": [0.1] * 4}, layers=layers, every=1), 0)
    assert found == Finding(
        "the loss is not a finite number at step 4, and hidden2 was the first layer with such a value, at step 3; "
        "earlier, step 2 changed the weights of hidden2 by 5 times their length",
        "hidden2",
        3,
    )


def test_a_ratio_to_weights_of_0_is_no_divergence_of_its_layer() -> None:
    layers: dict[str, dict[str, list[float]]] = {
        "hidden1": {"update_ratio": [NAN, 1], "std": [1, 1]},
        "hidden2": {"std": [1, NAN]},
    }
    found = steps.diverged(shown({"loss": [2, NAN], "accuracy": [0.1, 0.1]}, layers=layers, every=1), 0)
    assert found is not None
    assert found.layer == "hidden2"


def test_a_test_loss_that_is_not_finite_is_a_divergence_too() -> None:
    train, test = {"loss": [2.0, 2.0], "accuracy": [0.1, 0.1]}, {"loss": [2.0, NAN], "accuracy": [0.1, 0.1]}
    assert steps.diverged(shown(train, test), 0) is not None
    assert steps.diverged(shown(train, {**test, "loss": [2.0, 2.0]}), 0) is None


def test_a_step_over_the_bound_counts_where_nothing_was_learnt() -> None:
    layers = _layers(hidden1=[0.5, 0.1, 0.1, 0.1, 0.1, 0.1], output=[1.2, 0.1, 0.1, 0.1, 0.1, 0.1])
    found = steps.steps_too_large(shown(AT_CHANCE, layers=layers), 1)
    assert found is not None
    assert (found.layer, found.step) == ("output", 1)
    assert steps.steps_too_large(shown(LEARNT, layers=layers), 1) is None
    assert steps.steps_too_large(shown(AT_CHANCE, layers=layers), 2) is None


def test_a_loss_far_beyond_guessing_counts_though_the_step_that_threw_it_was_not_recorded() -> None:
    thrown = {**AT_CHANCE, "loss": [2.4, 6, 6, 6, 6, 6]}
    assert "the first step had 2.4" in _sentence(steps.steps_too_large(shown(thrown), 1))
    assert steps.steps_too_large(shown({**thrown, "loss": [17, 6, 6, 6, 6, 6]}), 1) is None


def test_steps_are_too_small_where_they_are_so_in_every_layer_and_the_loss_stays() -> None:
    small = _layers(hidden1=[1e-7] * 6, output=[9e-5] * 6)
    assert "(in output)" in _sentence(steps.steps_too_small(shown(AT_CHANCE, layers=small), 1e-4))
    assert steps.steps_too_small(shown(LEARNT, layers=small), 1e-4) is None
    assert steps.steps_too_small(shown(AT_CHANCE, layers=small | _layers(output=[2e-4] * 6)), 1e-4) is None
    assert steps.steps_too_small(shown(AT_CHANCE, layers=small | _layers(output=[0.0] * 6)), 1e-4) is None


@pytest.mark.parametrize(("left", "found"), [(0.09, True), (0.11, False)])
def test_weights_are_decayed_where_less_than_a_tenth_is_left(left: float, found: bool) -> None:
    layers = {"hidden1": {"weight_norm": [10, 8, 4, 2, 1, 10 * left], "update_ratio": [0.01] * 6}}
    evidence = shown(AT_CHANCE, layers=layers, training={**SGD, "weight_decay": 0.1})
    assert (steps.weights_decayed(evidence, 0.1) is not None) is found


def test_without_a_decay_or_in_front_of_batch_normalization_or_in_a_good_training_no_weights_are_decayed() -> None:
    layers = {"hidden1": {"weight_norm": [10, 8, 4, 2, 1, 0.1], "update_ratio": [0.01] * 6}}
    decays = {**SGD, "weight_decay": 0.1}
    assert steps.weights_decayed(shown(AT_CHANCE, layers=layers, training=decays), 0.1) is not None
    assert steps.weights_decayed(shown(AT_CHANCE, layers=layers, training=SGD), 0.1) is None
    assert steps.weights_decayed(shown(AT_CHANCE, layers=layers, training=decays, batch_norm=True), 0.1) is None
    assert steps.weights_decayed(shown(LEARNT, layers=layers, training=decays), 0.1) is None


def test_a_gradient_that_is_clipped_to_nothing_is_why_steps_are_too_small() -> None:
    small = _layers(hidden1=[1e-7] * 6, output=[9e-5] * 6)
    train = {**AT_CHANCE, "gradient_norm": [0.5] * 6}
    clipped = shown(train, layers=small, training={**SGD, "clip_gradient_norm": 1e-6})
    assert "clip_gradient_norm shortens every gradient to 1e-06" in _sentence(steps.steps_too_small(clipped, 1e-4))
    loose = shown(train, layers=small, training={**SGD, "clip_gradient_norm": 1.0})
    assert "the learning rate is 0.1" in _sentence(steps.steps_too_small(loose, 1e-4))


def test_a_layer_is_frozen_where_others_change() -> None:
    still, moves = [1e-3, 0.0, 0.0, 0.0, 0.0, 0.0], [1e-3] * 6
    found = steps.frozen_layer(shown(LEARNT, layers=_layers(hidden1=still, output=moves)), 0)
    assert found is not None
    assert (found.layer, found.step) == ("hidden1", 101)
    assert steps.frozen_layer(shown(LEARNT, layers=_layers(hidden1=still, output=still)), 0) is None
    assert steps.frozen_layer(shown(LEARNT, layers=_layers(hidden1=moves, output=moves)), 0) is None
