"""Networks that cannot be trained: refused at submission, with a pointer to the layer or the field at fault."""

import json
from typing import Any

import pytest

from jobs.errors import InvalidSpec
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue

HEAD = ({"kind": "global_average_pool"}, {"kind": "linear", "features": 10})
CONVOLUTION = {"kind": "conv2d", "channels": 4, "padding": 1, "activation": "relu"}
TO_ONE_PIXEL = ({"kind": "max_pool", "kernel": 28}, {**CONVOLUTION, "kernel": 1, "padding": 0})
MANY_EXAMPLES = {"architecture": {"preset": "mlp", "hidden": [1000] * 50}, "data": {"batch_size": 40_000}}


def layers(*front: dict[str, Any]) -> dict[str, Any]:
    return {"architecture": {"layers": [*front, *HEAD]}, "data": {"dataset": "synthetic"}}


def residual(*inner: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"kind": "residual", "layers": list(inner), **options}


def of_one_example(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "batch_norm": True, "data": {"dataset": "synthetic", "batch_size": 1}}


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "a residual whose branches disagree": (
        layers(residual(CONVOLUTION)),
        "/architecture/layers/0",
        "layer 'residual1' got [1, 28, 28] and needs a shortcut of the shape of its layers",
    ),
    "a layer within a residual that does not fit": (
        layers(CONVOLUTION, residual(CONVOLUTION, residual({"kind": "flatten"}, CONVOLUTION))),
        "/architecture/layers/1/layers/1/layers/1",
        "layer 'residual1.residual1.conv2d1' got [3136] and needs [channels, height, width]",
    ),
    "a concatenate of different heights": (
        layers({"kind": "concatenate", "branches": [[], [{"kind": "max_pool"}]]}),
        "/architecture/layers/0",
        "branches of one height and width: they give [1, 28, 28], [1, 14, 14]",
    ),
    "a branch that does not fit": (
        layers(
            {"kind": "concatenate", "branches": [[], [CONVOLUTION, {"kind": "conv2d", "channels": 1, "kernel": 29}]]}
        ),
        "/architecture/layers/0/branches/1/1",
        "layer 'concatenate1.branch2.conv2d2' got [4, 28, 28] and needs at least 29x29 pixels",
    ),
    "an input too small for the network": (
        layers(*[{"kind": "max_pool"}] * 5),
        "/architecture/layers/4",
        "layer 'max_pool5' got [1, 1, 1] and needs at least 2x2 pixels",
    ),
    "a preset that does not fit": (
        {"architecture": {"preset": "convnet", "channels": [4] * 5}},
        "/architecture",
        "layer 'pool5' got [4, 1, 1]",
    ),
    "a residual of nothing": (layers(residual()), "/architecture/layers/0/layers", "needs at least 1 layer"),
    "a single branch": (
        layers({"kind": "concatenate", "branches": [[]]}),
        "/architecture/layers/0/branches",
        "needs at least 2 branches",
    ),
    "a depth that no resnet has": (
        {"architecture": {"preset": "resnet", "depth": 18}},
        "/architecture/depth",
        "20, 32, 44 or 56",
    ),
    "a width of nothing": (
        {"architecture": {"preset": "bn_inception", "width": 0}},
        "/architecture/width",
        "greater than 0",
    ),
    "dropout of everything": (layers({"kind": "dropout", "rate": 1.0}), "/architecture/layers/0/rate", "less than 1"),
    "BN on one value a channel where a pool has shrunk the map": (
        of_one_example(layers(CONVOLUTION, *TO_ONE_PIXEL)),
        "/data/batch_size",
        "batch normalization at 'conv2d2' would see one value a channel",
    ),
    "the same within a residual": (
        of_one_example(layers({"kind": "max_pool", "kernel": 28}, residual({"kind": "batch_norm"}))),
        "/data/batch_size",
        "batch normalization at 'residual1.batch_norm1' would see one value a channel",
    ),
    "the same at the end of a preset": (
        of_one_example({"architecture": {"preset": "bn_inception", "width": 0.1}}),
        "/data/batch_size",
        "would see one value a channel",
    ),
    "momentum at a single layer": (
        layers({**CONVOLUTION, "batch_norm": {"momentum": 0.1}}),
        "/architecture/layers/0/batch_norm",
        "say 'running_decay'",
    ),
    "a named table that there is none of": (
        layers({**CONVOLUTION, "batch_norm": "caffe"}),
        "/architecture/layers/0/batch_norm",
        "'caffe' is not a named table",
    ),
    "a population without batch normalization at any nonlinearity": (
        {"batch_norm": {"population": "algorithm2"}, "architecture": {"preset": "mlp", "activation": "none"}},
        "/batch_norm/population",
        "'algorithm2' has nothing to measure: no batch normalization of this network moves; say 'running'",
    ),
    "a population of a network without nonlinearities": (
        {"batch_norm": {"population": "pooled"}, "architecture": {"preset": "mlp", "hidden": []}},
        "/batch_norm/population",
        "'pooled' has nothing to measure",
    ),
    "a population where all batch normalization is frozen": (
        {"batch_norm": {"population": "pooled", "frozen": True}},
        "/batch_norm/population",
        "'pooled' has nothing to measure",
    ),
    "a population that would see one value a channel at a layer that is not frozen": (
        {
            "architecture": {"layers": [{"kind": "flatten"}, {"kind": "batch_norm"}, HEAD[1]]},
            "batch_norm": {"frozen": True, "population": "algorithm2"},
            "data": {"dataset": "synthetic", "batch_size": 7, "train_samples": 8},
        },
        "/data/batch_size",
        "the last batch of an epoch has 1 example",
    ),
    "a covariate shift of a batch that would take for ever": (
        {**MANY_EXAMPLES, "recording": {"diagnostics": [{"name": "rank"}, {"name": "covariate_shift"}]}},
        "/recording/diagnostics/1",
        "take a smaller batch or network",
    ),
    "an epsilon of 0": ({"batch_norm": {"epsilon": 0}}, "/batch_norm/epsilon", "greater than 0"),
    "a decay of 1": ({"batch_norm": {"running_decay": 1}}, "/batch_norm/running_decay", "less than 1"),
    "noise below 0": (
        {"batch_norm": {"noise": {"mean": 0.5, "scale": -0.1}}},
        "/batch_norm/noise/scale",
        "a number of at least 0, not -0.1",
    ),
    "noise below 0 at a single layer": (
        layers({"kind": "batch_norm", "noise": {"mean": -1}}),
        "/architecture/layers/0/noise/mean",
        "a number of at least 0, not -1",
    ),
    "a decay below 0": (
        layers({"kind": "batch_norm", "running_decay": -0.1}),
        "/architecture/layers/0/running_decay",
        "a number of at least 0, not -0.1",
    ),
}


@pytest.mark.parametrize(("document", "pointer", "says"), BAD.values(), ids=BAD)
def test_it_is_refused_with_the_place_and_the_reason(document: dict[str, Any], pointer: str, says: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        check(json.dumps(document), in_catalogue(Settings()))
    found = {error.pointer: error.message for error in refused.value.errors}
    assert pointer in found
    assert says in found[pointer]


def test_a_batch_of_one_image_is_enough_where_the_map_has_several_pixels() -> None:
    check(json.dumps(of_one_example(layers(CONVOLUTION))), in_catalogue(Settings()))


def test_a_frozen_layer_needs_no_batch() -> None:
    check(
        json.dumps({**of_one_example(layers(CONVOLUTION, *TO_ONE_PIXEL)), "batch_norm": {"frozen": True}}),
        in_catalogue(Settings()),
    )


def test_what_is_measured_in_few_passes_may_be_of_many_examples() -> None:
    names = ("landscape", "gradient_filter", "jacobian", "rank", "depth_gradient", "drift", "effective_learning_rate")
    check(
        json.dumps({**MANY_EXAMPLES, "recording": {"diagnostics": [{"name": name} for name in names]}}),
        in_catalogue(Settings()),
    )


def test_a_population_is_measured_where_a_single_layer_is_not_frozen() -> None:
    document = layers({"kind": "batch_norm"}, CONVOLUTION)
    check(json.dumps({**document, "batch_norm": {"frozen": True, "population": "pooled"}}), in_catalogue(Settings()))
