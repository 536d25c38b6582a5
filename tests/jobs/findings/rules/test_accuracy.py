from typing import Any

import pytest

from jobs.findings.rules import accuracy
from tests.support.evidence import shown


def _train(value: float, rows: int = 12) -> dict[str, list[float]]:
    return {"loss": [2.3] * rows, "accuracy": [value] * rows}


def _test(value: float) -> dict[str, list[float]]:
    return {"loss": [2.3] * 3, "accuracy": [0.1, value, value]}


def test_chance_is_told_with_its_steps_once_there_are_enough_of_them() -> None:
    found = accuracy.at_chance(shown(_train(0.1)), 500)
    assert found is not None
    assert found.sentence == "training accuracy has stayed at chance (0.1 for 10 classes) for 1,200 steps"
    assert accuracy.at_chance(shown(_train(0.1, rows=4)), 500) is None
    assert accuracy.at_chance(shown(_train(0.3)), 500) is None


@pytest.mark.parametrize(
    ("train", "test", "found"),
    [(0.1, 0.1, True), (0.9, 0.1, True), (0.2, 0.1, True), (0.2, 0.2, False), (0.9, 0.5, False), (0.11, 0.1, True)],
)
def test_labels_have_nothing_to_do_with_images_where_the_test_set_stays_at_chance(
    train: float, test: float, found: bool
) -> None:
    assert (accuracy.labels_unrelated(shown(_train(train), _test(test)), 1000) is not None) is found


@pytest.mark.parametrize(
    ("batch_norm", "gap", "words"),
    [
        ({"running_decay": 0.9999}, 0.1, "they are still 89 % of what they began with"),
        ({"running_decay": 0.9}, 1.5, "those of hidden1 are 1.5 sd from its batches'"),
        ({"running_decay": 0.9}, 0.5, None),
        ({"running_decay": 0.9999, "population": "algorithm2"}, 0.1, None),
        (False, 0.1, None),
    ],
)
def test_evaluation_below_training_is_put_down_to_running_statistics_where_they_are_off(
    batch_norm: Any, gap: float, words: str | None
) -> None:
    layers = {"hidden1": {"mean_gap": [gap] * 12}} if batch_norm else {}
    evidence = shown(_train(0.9), _test(0.3), layers, batch_norm=batch_norm, training={"steps": 1200})
    found = accuracy.running_statistics(evidence, 0.2)
    assert (found and words in found.sentence) if words else found is None
    assert accuracy.running_statistics(shown(_train(0.9), _test(0.8), layers, batch_norm=batch_norm), 0.2) is None


def test_what_is_known_by_heart_shows_in_the_gap_alone() -> None:
    assert accuracy.memorized(shown(_train(1.0), _test(0.79)), 0.2) is not None
    assert accuracy.memorized(shown(_train(1.0), _test(0.81)), 0.2) is None


@pytest.mark.parametrize(("size", "ratio", "found"), [(2, 9.0, True), (2, 2.0, False), (60, 9.0, False)])
def test_small_batches_are_those_of_few_values_whose_variance_is_of_no_use(
    size: int, ratio: float, found: bool
) -> None:
    layers = {"hidden1": {"variance_ratio": [ratio] * 12}}
    evidence = shown(_train(0.2), _test(0.2), layers, batch_norm=True, data={"batch_size": size})
    assert (accuracy.small_batches(evidence, 3) is not None) is found


def test_a_frozen_batch_normalization_says_nothing_of_the_averages_that_move() -> None:
    listed = [
        {"kind": "batch_norm", "frozen": True, "running_decay": 0.9999},
        {"kind": "flatten"},
        {"kind": "linear", "features": 10, "batch_norm": True},
    ]
    layers = {"linear1": {"mean_gap": [0.1] * 12}}
    evidence = shown(_train(0.9), _test(0.3), layers, architecture={"layers": listed}, training={"steps": 1200})
    assert accuracy.running_statistics(evidence, 0.2) is None
