"""Values of a document in words."""

from typing import Any

import pytest

from bnlab.terminal.spoken import point_in_words, value_in_words, values_in_words

MLP = {"preset": "mlp", "hidden": [100, 100, 100], "activation": "sigmoid", "init": {"scheme": "normal", "std": 0.1}}
BN = {"epsilon": 1e-5, "affine": True, "placement": "before_activation"}
USUAL = {"checkpoint": "final", "layers": ["*"], "frozen": [], "batch_norm": "copy", "optimizer": "reset"}
INITIAL = {"job": "1m8", **USUAL}
ADAM = {"kind": "adam", "learning_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}


@pytest.mark.parametrize(
    ("value", "pointer", "words"),
    [
        (False, "/batch_norm", "without BN"),
        (BN, "/batch_norm", "with BN"),
        (BN | {"noise": {"mean": 0.5, "scale": 0.25}}, "/batch_norm", "with noisy BN"),
        (None, "/architecture/layers/1/batch_norm", "as the job says"),
        (MLP, "/architecture", "mlp, 3 x 100, sigmoid"),
        ({"layers": [{"kind": "flatten"}] * 7}, "/architecture", "7 layers"),
        ({"kind": "sgd", "learning_rate": 0.1}, "/training/optimizer", "sgd, rate 0.1"),
        (ADAM, "/training/optimizer", "adam, rate 0.001"),
        ({"rate": 1e-4, "batch_norm": False}, "/training/weight_decay", "rate 0.0001"),
        ([{"name": "rank", "every": 50}], "/recording/diagnostics", "rank, every 50"),
        ({"kind": "linear", "features": 9, "activation": "leaky_relu"}, "", "linear, 9, leaky relu"),
        ({"kind": "residual", "layers": [{"kind": "flatten"}] * 2}, "", "residual, 2 layers"),
        ({"kind": "concatenate", "branches": [[], []]}, "", "concatenate, 2 branches"),
        (INITIAL | {"step": 200, "sha256": "0" * 64}, "/initial", "job 1m8, step 200"),
        (
            INITIAL | {"step": 7, "layers": ["conv*", "hidden1"], "frozen": ["conv*"], "batch_norm": "reset"},
            "/initial",
            "job 1m8, step 7, layers conv* hidden1, frozen conv*, batch norm reset",
        ),
        (None, "/initial", "the seed"),
        ([], "/tags", "none"),
        (None, "/training/weight_decay", "none"),
        (True, "/data/binarize", "yes"),
        (2**0.5, "/architecture/init/gain", "1.414"),
        (70_000, "/training/steps", "70000"),
    ],
)
def test_a_value_is_said_in_a_few_words(value: Any, pointer: str, words: str) -> None:
    assert value_in_words(value, pointer) == words


def test_values_that_differ_are_said_in_different_words() -> None:
    after = BN | {"placement": "after_activation"}
    said = values_in_words([False, BN, after], "/batch_norm")
    assert said == ["without BN", "with BN, before activation", "with BN, after activation"]
    assert values_in_words([0.1, 0.1000001, 0.1], "/x") == ["0.1", "0.1000001", "0.1"]
    one, other = ({"layers": [{"kind": kind}] * 2} for kind in ("flatten", "dropout"))
    assert values_in_words([MLP, one, other, one], "/architecture")[1:] == [
        "2 layers (1)",
        "2 layers (2)",
        "2 layers (1)",
    ]


def test_a_point_of_a_grid_names_what_it_varies() -> None:
    point = {"/training/optimizer/learning_rate": 0.3, "/batch_norm": BN, "/training/steps": 100}
    assert point_in_words(point) == "learning rate 0.3, with BN, steps 100"
    assert point_in_words({}) == ""
