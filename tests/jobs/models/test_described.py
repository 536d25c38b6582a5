"""What a reader without bnlab is told of a model's layers."""

from typing import Any

import pytest

from jobs.models.described import described
from jobs.models.folding import folded
from jobs.models.model import Model
from tests.support.models import model_of, planned, trained

LAYERS = [
    {"kind": "conv2d", "channels": 2, "activation": "relu", "batch_norm": True},
    {"kind": "concatenate", "branches": [[], [{"kind": "batch_norm"}]]},
    {"kind": "flatten"},
    {"kind": "linear", "features": 4, "activation": "tanh", "batch_norm": {"placement": "after_activation"}},
]


@pytest.fixture(scope="module")
def model() -> Model:
    return model_of(trained(planned({"layers": LAYERS}, (1, 5, 5))))


def layers(model: Model) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = described(model)["architecture"]["layers"]
    return found


def test_a_layer_has_its_name_its_options_and_those_of_its_batch_normalization(model: Model) -> None:
    convolution, concatenation, *_ = layers(model)
    options = {"epsilon": 1e-5, "running_decay": 0.9, "affine": True, "running_variance": "unbiased", "frozen": False}
    own = {"batch_norm": options | {"after_activation": False}}
    sizes = {"channels": 2, "kernel": 3, "stride": 1, "padding": 0}
    assert convolution == {"name": "conv2d1", "kind": "conv2d", "activation": "relu", "bias": False} | sizes | own
    inner = {"name": "concatenate1.branch2.batch_norm1", "kind": "batch_norm"}
    assert concatenation == {"name": "concatenate1", "kind": "concatenate", "branches": [[], [inner | own]]}


def test_folded_it_has_the_biases_and_the_batch_normalization_that_its_tensors_have(model: Model) -> None:
    convolution, concatenation, _, linear = layers(folded(model))
    assert convolution["bias"]
    assert "batch_norm" not in convolution
    assert concatenation["branches"][1][0]["batch_norm"] == {"folded": True, "after_activation": False}
    assert linear["batch_norm"] == {"folded": True, "after_activation": True}
