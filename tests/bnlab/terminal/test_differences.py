"""What differs in documents, in words."""

from typing import Any

from bnlab.terminal.differences import differences

FLATTEN, OUTPUT = {"kind": "flatten"}, {"kind": "linear", "features": 10}


def of(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"architecture": {"layers": [FLATTEN, *layers, OUTPUT]}}


def test_only_what_differs_is_named_once() -> None:
    one: dict[str, Any] = {"name": "a", "batch_norm": False, "training": {"steps": 10, "seed": 0}}
    other = {"name": "b", "batch_norm": {"epsilon": 1e-5}, "training": {"steps": 10, "seed": 1}}
    assert differences([one, other]) == {"batch norm": ["without BN", "with BN"], "seed": ["0", "1"]}
    assert differences([one, other], ("/name", "/training/seed")) == {"batch norm": ["without BN", "with BN"]}
    assert differences([one]) == {}


def test_parts_of_two_kinds_are_one_difference_and_of_one_kind_several() -> None:
    sgd, adam = {"kind": "sgd", "learning_rate": 0.1}, {"kind": "adam", "learning_rate": 0.001, "beta1": 0.9}
    rates = [{"training": {"optimizer": optimizer}} for optimizer in (sgd, sgd | {"learning_rate": 1.0})]
    assert differences(rates) == {"learning rate": ["0.1", "1"]}
    kinds = [{"training": {"optimizer": optimizer}} for optimizer in (sgd, adam)]
    assert differences(kinds) == {"optimizer": ["sgd, rate 0.1", "adam, rate 0.001"]}


def test_networks_of_layers_differ_by_layer() -> None:
    wide, narrow = ({"kind": "linear", "features": features, "activation": "relu"} for features in (70, 50))
    assert differences([of(wide), of(narrow)]) == {"layer 1 features": ["70", "50"]}
    assert differences([of(wide), of({"kind": "dropout", "rate": 0.5})]) == {
        "layer 1": ["linear, 70, relu", "dropout, rate 0.5"]
    }


def test_a_layer_that_one_network_has_more_is_one_difference() -> None:
    dropout, wide = {"kind": "dropout", "rate": 0.5}, {"kind": "linear", "features": 70}
    assert differences([of(wide, dropout), of(wide)]) == {"layer 2": ["dropout, rate 0.5", "none"]}
    assert differences([of(wide, wide), of(wide)]) == {"layer 2": ["linear, 70", "none"]}


def test_a_preset_and_layers_are_two_networks() -> None:
    said = differences([{"architecture": {"preset": "mlp", "hidden": [9], "activation": "relu"}}, of(), of(FLATTEN)])
    assert said == {"network": ["mlp, 9, relu", "2 layers", "3 layers"]}


def test_metadata_may_have_a_kind_and_names_with_slashes() -> None:
    one, other = {"metadata": {"kind": "a", "x/y": 1, "z": 0}}, {"metadata": {"kind": "b", "x/y": 2, "z": 0}}
    assert differences([one, other]) == {"metadata kind": ["a", "b"], "metadata x/y": ["1", "2"]}
    tilde = [{"metadata": {"~1": value}} for value in (1, 2)]
    assert differences(tilde) == {"metadata ~1": ["1", "2"]}
