"""A model as ONNX, asked by onnxruntime: what it gives is what our own network gives."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from bn.architecture.normalization import BatchNorm
from bn.architecture.plan import Plan
from jobs.datasets.preprocessing import Preprocessing, preprocessing_of
from jobs.models.model import Model
from jobs.models.onnx_file import onnx_file
from tests.support.models import PRESETS, RANDOM, equal, inputs_for, model_of, planned, random_plan, trained


def asked(file: bytes, inputs: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
    """What onnxruntime gives, by the outputs' names."""
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(names, {"input": inputs}), strict=True))


def kinds(file: bytes) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load_from_string(file).graph.node)


def check(plan: Plan) -> None:
    network = trained(plan)
    model, inputs = model_of(network), inputs_for(plan)
    whole, without = onnx_file(model), onnx_file(model, batch_norm="folded")
    for file in (whole, without):
        onnx.checker.check_model(onnx.load_from_string(file), full_check=True)
        found = asked(file, inputs)
        equal(network, inputs, found["logits"], found["probabilities"])
    assert kinds(whole)["BatchNormalization"] == sum(placed.normalization is not None for placed in plan.layers)
    assert kinds(without)["BatchNormalization"] == 0


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_gives_what_our_network_gives(name: str) -> None:
    check(planned(PRESETS[name], (3, 32, 32), BatchNorm(), classes=10))


@pytest.mark.parametrize("first", RANDOM[::20])
def test_random_lists_of_layers_give_what_our_networks_give(first: int) -> None:
    for seed in RANDOM[first : first + 20]:
        check(random_plan(seed))


def test_random_lists_have_every_kind_of_layer_and_of_batch_normalization() -> None:
    layers = [placed for seed in RANDOM for placed in random_plan(seed).layers]
    assert len({placed.layer.kind for placed in layers}) == 11
    assert len({placed.activation for placed in layers}) == 6
    options = [placed.normalization for placed in layers if placed.normalization is not None]
    assert {(each.affine, each.frozen) for each in options} == {(a, f) for a in (True, False) for f in (True, False)}
    assert {placed.normalizes_last for placed in layers if placed.normalization is not None} == {True, False}


LAYERS: list[dict[str, Any]] = [
    {"kind": "conv2d", "channels": 5, "activation": "relu", "batch_norm": True},
    {"kind": "batch_norm", "affine": False},
    {"kind": "global_average_pool"},
    {"kind": "linear", "features": 4, "activation": "tanh", "batch_norm": {"frozen": True}},
    {"kind": "batch_norm"},
    {"kind": "linear", "features": 4},
]


@pytest.fixture(scope="module")
def model() -> Model:
    preprocessing = Preprocessing(binarize=False, shift=(100.0, 120.0, 140.0), scale=(0.02, 0.01, 0.03))
    return model_of(trained(planned({"layers": LAYERS}, (3, 8, 8))), preprocessing)


def test_the_same_model_gives_the_same_bytes(model: Model) -> None:
    assert onnx_file(model, batch_norm="folded", preprocess=True) == onnx_file(
        model, batch_norm="folded", preprocess=True
    )


def test_names_are_those_of_layers_and_the_batch_is_free(model: Model) -> None:
    graph = onnx.load_from_string(onnx_file(model)).graph
    normalized = [node.name for node in graph.node if node.op_type == "BatchNormalization"]
    assert normalized == [f"{each}.batch_norm" for each in ("conv2d1", "batch_norm1", "linear1", "batch_norm2")]
    assert [each.dim_param for each in graph.input[0].type.tensor_type.shape.dim] == ["batch", "", "", ""]
    assert {each.name for each in graph.initializer} >= {name for name in model.tensors if "num_batches" not in name}


@pytest.mark.parametrize(("preprocess", "taken"), [(True, "as the dataset has it"), (False, "preprocessed")])
def test_its_metadata_says_what_the_input_is_and_how_it_comes_about(model: Model, preprocess: bool, taken: str) -> None:
    file = onnx.load_from_string(onnx_file(model, preprocess=preprocess))
    said = {each.key: each.value for each in file.metadata_props}
    assert (said.pop("job"), said.pop("step"), said.pop("input")) == (model.job_id, "7", taken)
    assert {key: json.loads(value) for key, value in said.items()} == {
        "classes": list(model.classes),
        "preprocessing": {"binarize": False, "shift": [100.0, 120.0, 140.0], "scale": [0.02, 0.01, 0.03]},
    }


PER_PIXEL = Preprocessing(False, tuple(range(3 * 8 * 8)), tuple(1 / (i + 1) for i in range(3 * 8 * 8)))


@pytest.mark.parametrize("per_pixel", [True, False])
@pytest.mark.parametrize("binarize", [True, False])
def test_with_preprocessing_it_takes_what_the_dataset_has(model: Model, binarize: bool, per_pixel: bool) -> None:
    preprocessing = replace(PER_PIXEL if per_pixel else model.preprocessing, binarize=binarize)
    pixels = np.random.default_rng(0).integers(0, 256, (3, 3, 8, 8), np.uint8)
    pixels[0, 0, 0, :2] = 127, 128
    one = replace(model, preprocessing=preprocessing)
    found, wanted = asked(onnx_file(one, preprocess=True), pixels), asked(onnx_file(one), preprocessing(pixels))
    np.testing.assert_array_equal(found["logits"], wanted["logits"])


def test_a_graph_whitens_as_the_training_did(model: Model) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (300, 3, 8, 8), np.uint8)
    one = replace(model, preprocessing=preprocessing_of(pixels, binarize=False, normalize="whiten"))
    whole = onnx_file(one, preprocess=True)
    onnx.checker.check_model(onnx.load_from_string(whole), full_check=True)
    found, wanted = asked(whole, pixels[:5]), asked(onnx_file(one), one.preprocessing(pixels[:5]))
    np.testing.assert_allclose(found["logits"], wanted["logits"], atol=1e-5 * np.abs(wanted["logits"]).max())
    said = {each.key: each.value for each in onnx.load_from_string(whole).metadata_props}
    assert json.loads(said["preprocessing"])["matrix"] == "whitening"


@pytest.mark.parametrize(("examples", "mean"), [(6, 0.0), (200, 100.0)])
def test_by_batch_statistics_each_channel_is_what_torch_gives_in_training(examples: int, mean: float) -> None:
    """Of the output of each batch normalization, not of the network's alone: there errors could hide."""
    layers = [{"kind": "batch_norm"}, *LAYERS]
    model = model_of(trained(planned({"layers": layers}, (3, 8, 8))))
    network = trained(model.plan)
    inputs = inputs_for(model.plan, examples) + np.float32(mean)
    outputs: dict[str, NDArray[np.float32]] = {}
    for name, layer in network.batch_norms.items():

        def keep(_layer: Any, _x: Any, output: torch.Tensor, name: str = name) -> None:
            outputs[f"{name}.batch_norm"] = output.detach().numpy()

        layer.register_forward_hook(keep)
    with torch.no_grad():
        network.train()(torch.from_numpy(inputs))
    graph = onnx.load_from_string(onnx_file(model, batch_norm="batch"))
    tapped = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in outputs]
    graph.graph.output.extend(tapped)
    found = asked(graph.SerializeToString(), inputs)
    for name, output in outputs.items():
        np.testing.assert_allclose(found[name], output, rtol=1e-5, atol=1e-5, err_msg=name)
    assert kinds(graph.SerializeToString())["BatchNormalization"] == 1  # the frozen one
