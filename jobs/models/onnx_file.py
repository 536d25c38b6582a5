"""A model as ONNX, written from its plan without torch: batch normalization stays a node under its layer's name."""

import json
from typing import Literal

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from bn.architecture.layers import Weighted
from bn.architecture.plan import Placed
from jobs.datasets.preprocessing import FULL_SCALE, Preprocessing
from jobs.models import onnx_layers
from jobs.models.described import MATRIX, described
from jobs.models.folding import BATCH_NORM, folded
from jobs.models.model import Model
from jobs.models.onnx_layers import ACTIVATION, JOIN, UNWEIGHTED, Graph

OPSET = 20  # the first with Gelu
IR = 9  # the format's version that came with it

Moments = Literal["running", "batch"]
"""What normalizes: the running statistics, as in inference, or those of the batch, as in training."""

BatchNormOf = Literal[Moments, "folded"]
"""folded: there is none."""


def onnx_file(model: Model, *, preprocess: bool = False, batch_norm: BatchNormOf = "running") -> bytes:
    """The model as ONNX; the same model gives the same bytes.

    Its input is `input`, [batch, *shape] float32 as the network gets it; its outputs are `logits` and `probabilities`,
    [batch, classes]. preprocess: the input is as the dataset has it, images uint8, features float32. batch_norm: a
    frozen layer goes by its running statistics where others go by those of the batch. Its metadata has
    `job`, `step`, `classes` and `preprocessing` (both JSON), and `input`: "preprocessed" or "as the dataset has it".
    """
    made = onnx_model(model, preprocess=preprocess, batch_norm=batch_norm)
    data: bytes = made.SerializeToString(deterministic=True)
    return data


def onnx_model(model: Model, *, preprocess: bool, batch_norm: BatchNormOf) -> ModelProto:
    """The same, as onnx has it in memory."""
    source, plan = folded(model) if batch_norm == "folded" else model, model.plan
    graph, x = Graph(), "input"
    stored = TensorProto.UINT8 if preprocess and len(plan.input) > 1 else TensorProto.FLOAT
    if preprocess:
        x = _preprocessed(graph, model.preprocessing, x, plan.input)
    x = _through(graph, source, plan.sequence, x, batch_norm)
    graph.node("logits", "Identity", x)
    graph.node("probabilities", "Softmax", "logits", axis=1)
    outputs = [_value(name, TensorProto.FLOAT, plan.output) for name in ("logits", "probabilities")]
    whole = helper.make_graph(
        graph.nodes, f"bnlab {model.job_id}", [_value("input", stored, plan.input)], outputs, graph.constants
    )
    made = helper.make_model(whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    made.producer_name = "bnlab"
    helper.set_model_props(made, _told(model, preprocess))
    return made


def _told(model: Model, preprocess: bool) -> dict[str, str]:
    said = described(model)
    return {
        "job": model.job_id,
        "step": str(model.step),
        "input": "as the dataset has it" if preprocess else "preprocessed",
        **{key: json.dumps(said[key], ensure_ascii=False) for key in ("classes", "preprocessing")},
    }


def _value(name: str, kind: int, shape: tuple[int, ...]) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, ["batch", *shape])


def _preprocessed(graph: Graph, preprocessing: Preprocessing, x: str, example: tuple[int, ...]) -> str:
    along = preprocessing.shape_for(example)
    x = graph.node("preprocessing.values", "Cast", x, to=TensorProto.FLOAT)
    if preprocessing.binarize:
        half = graph.constant("preprocessing.half", FULL_SCALE / 2)
        x = graph.node("preprocessing.above", "Greater", x, half)
        x = graph.node("preprocessing.binary", "Cast", x, to=TensorProto.FLOAT)
    shift, scale = (
        graph.constant(f"preprocessing.{name}", np.reshape(values, along))
        for name, values in (("shift", preprocessing.shift), ("scale", preprocessing.scale))
    )
    x = graph.node("preprocessing.shifted", "Sub", x, shift)
    if preprocessing.matrix is None:
        return graph.node("preprocessing", "Mul", x, scale)
    x = graph.node("preprocessing.scaled", "Mul", x, scale)
    x = graph.node("preprocessing.flat", "Flatten", x, axis=1)
    x = graph.node("preprocessing.whitened", "MatMul", x, graph.constant(MATRIX, preprocessing.matrix))
    shape = graph.constant("preprocessing.shape", [-1, *example], np.int64)
    return graph.node("preprocessing", "Reshape", x, shape)


def _through(graph: Graph, model: Model, sequence: tuple[Placed, ...], x: str, batch_norm: BatchNormOf) -> str:
    for placed in sequence:
        x = _layer(graph, model, placed, x, batch_norm)
    return x


def _layer(graph: Graph, model: Model, placed: Placed, x: str, batch_norm: BatchNormOf) -> str:
    name = placed.name
    if placed.branches:
        kind, attributes = JOIN[placed.layer.kind]
        joined = [_through(graph, model, branch, x, batch_norm) for branch in placed.branches]
        x = graph.node(f"{name}.join", kind, *joined, **attributes)
    elif isinstance(placed.layer, Weighted):
        weight, bias = (model.tensors.get(f"{name}.transform.{each}") for each in ("weight", "bias"))
        assert weight is not None
        x = onnx_layers.weighted(graph, placed, x, weight, bias)
    else:
        x = UNWEIGHTED[placed.layer.kind](graph, placed, x, f"{name}.transform")
    if not placed.normalizes_last:
        x = _normalized(graph, model, placed, x, batch_norm)
    if placed.activation != "none":
        kind, attributes = ACTIVATION[placed.activation]
        x = graph.node(f"{name}.activation", kind, x, **attributes)
    return _normalized(graph, model, placed, x, batch_norm) if placed.normalizes_last else x


def _normalized(graph: Graph, model: Model, placed: Placed, x: str, batch_norm: BatchNormOf) -> str:
    name, options = f"{placed.name}.batch_norm", placed.normalization
    scale, shift = (model.tensors.get(f"{name}.{each}") for each in ("scale", "shift"))
    if scale is not None and shift is not None:
        return onnx_layers.scaled(graph, placed, x, scale, shift)
    mean, variance, weight, bias = (model.tensors.get(f"{name}.{each}") for each in BATCH_NORM)
    if options is None or mean is None or variance is None:
        return x
    channels = placed.output[0]
    rest = (
        graph.constant(f"{name}.weight", np.ones(channels) if weight is None else weight),
        graph.constant(f"{name}.bias", np.zeros(channels) if bias is None else bias),
    )
    if batch_norm == "batch" and not options.frozen:
        return onnx_layers.normalized_by_batch(graph, placed, x, rest, options.epsilon)
    moments = (graph.constant(f"{name}.running_mean", mean), graph.constant(f"{name}.running_var", variance))
    return onnx_layers.normalized(graph, name, x, moments, rest, options.epsilon)
