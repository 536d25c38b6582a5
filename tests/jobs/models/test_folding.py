"""Batch normalization folded away: where it goes, and what is left of it."""

import numpy as np

from jobs.models.folding import folded
from tests.support.models import model_of, planned, trained

LINEAR = {"kind": "linear", "features": 4}


def names(layers: list[dict[str, object]]) -> set[str]:
    return set(folded(model_of(trained(planned({"layers": layers}, (6,))))).tensors)


def test_it_goes_into_the_layer_in_front_which_gets_a_bias() -> None:
    assert names([LINEAR | {"activation": "relu", "batch_norm": True}]) == {
        "linear1.transform.weight",
        "linear1.transform.bias",
    }
    assert names([LINEAR, {"kind": "batch_norm"}]) == {"linear1.transform.weight", "linear1.transform.bias"}


def test_behind_a_nonlinearity_or_an_input_a_scale_and_a_shift_are_left() -> None:
    after = LINEAR | {"activation": "relu", "batch_norm": {"placement": "after_activation"}}
    rest = {"linear1.transform.weight", "linear1.transform.bias"}
    assert names([after]) == {"linear1.batch_norm.scale", "linear1.batch_norm.shift"} | rest
    assert (
        names([{"kind": "batch_norm"}, LINEAR])
        == {"batch_norm1.batch_norm.scale", "batch_norm1.batch_norm.shift"} | rest
    )


def test_the_arithmetic_is_that_of_the_definition() -> None:
    model = model_of(trained(planned({"layers": [LINEAR | {"activation": "relu", "batch_norm": True}]}, (6,))))
    own = {name.rpartition(".")[2]: value.astype(np.float64) for name, value in model.tensors.items() if "norm" in name}
    scale = own["weight"] / np.sqrt(own["running_var"] + 1e-5)
    found = folded(model).tensors
    weight = model.tensors["linear1.transform.weight"] * scale[:, None]
    np.testing.assert_allclose(found["linear1.transform.weight"], weight, rtol=1e-6)
    bias = own["bias"] - own["running_mean"] * scale
    np.testing.assert_allclose(found["linear1.transform.bias"], bias, rtol=1e-5, atol=1e-7)
