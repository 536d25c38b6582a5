"""Each kind of layer as ONNX nodes, of a graph that is written piece by piece."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from bn.architecture.layers import Conv2d, LocalResponseNorm, Pool
from bn.architecture.plan import Placed

LEAK = 0.01  # of leaky_relu, as torch has it


@dataclass(frozen=True)
class Graph:
    """The nodes so far, each of which is called as its only output, and the constants that they take."""

    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def node(self, name: str, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node; its name."""
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, name: str, value: Any, dtype: Any = np.float32) -> str:
        """Add a constant; its name."""
        self.constants.append(numpy_helper.from_array(np.array(value, dtype, order="C"), name))
        return name


Write = Callable[[Graph, Placed, str, str], str]
"""Of a layer without weights: adds what it does to the value of a name, and gives the name of what comes of it, which
begins with the last one."""


def weighted(graph: Graph, placed: Placed, x: str, weight: NDArray[Any], bias: NDArray[Any] | None) -> str:
    """A linear layer or a convolution."""
    name = f"{placed.name}.transform"
    inputs = [x, graph.constant(f"{name}.weight", weight)]
    inputs += [] if bias is None else [graph.constant(f"{name}.bias", bias)]
    layer = placed.layer
    if not isinstance(layer, Conv2d):
        return graph.node(name, "Gemm", *inputs, transB=1)
    return graph.node(name, "Conv", *inputs, **_window(layer.kernel, layer.stride, layer.padding))


def normalized(graph: Graph, name: str, x: str, moments: tuple[str, str], rest: tuple[str, str], epsilon: float) -> str:
    """Batch normalization by the given mean and variance, with weight and bias, as one node."""
    return graph.node(name, "BatchNormalization", x, *rest, *moments, epsilon=epsilon)


def normalized_by_batch(graph: Graph, placed: Placed, x: str, rest: tuple[str, str], epsilon: float) -> str:
    """Batch normalization by the moments of the batch itself, its variance biased: Ioffe and Szegedy 2015, algorithm 1.

    An operator's training mode would leave it to each runtime what it gives.
    """
    name = f"{placed.name}.batch_norm"
    axes = graph.constant(f"{name}.axes", [0, *range(2, 1 + len(placed.output))], np.int64)
    mean = graph.node(f"{name}.mean", "ReduceMean", x, axes, keepdims=1)
    near = graph.node(f"{name}.near", "Sub", x, mean)
    # A float32 mean far from 0 is rounded, and off by what is left of the mean behind it.
    rest_of_mean = graph.node(f"{name}.rest_of_mean", "ReduceMean", near, axes, keepdims=1)
    deviations = graph.node(f"{name}.deviations", "Sub", near, rest_of_mean)
    squares = graph.node(f"{name}.squares", "Mul", deviations, deviations)
    variance = graph.node(f"{name}.variance", "ReduceMean", squares, axes, keepdims=1)
    shifted = graph.node(f"{name}.shifted", "Add", variance, graph.constant(f"{name}.epsilon", epsilon))
    sd = graph.node(f"{name}.sd", "Sqrt", shifted)
    quotient = graph.node(f"{name}.quotient", "Div", deviations, sd)
    along = graph.constant(f"{name}.along", [1, -1, *(1,) * (len(placed.output) - 1)], np.int64)
    weight, bias = (graph.node(f"{each}.along", "Reshape", each, along) for each in rest)
    return graph.node(name, "Add", graph.node(f"{name}.scaled", "Mul", quotient, weight), bias)


def scaled(graph: Graph, placed: Placed, x: str, scale: NDArray[Any], shift: NDArray[Any]) -> str:
    """What is left of a batch normalization that is folded away and follows nothing it could be folded into."""
    name, along = f"{placed.name}.batch_norm", (1, -1, *(1,) * (len(placed.output) - 1))
    product = graph.node(f"{name}.scaled", "Mul", x, graph.constant(f"{name}.scale", scale.reshape(along)))
    return graph.node(name, "Add", product, graph.constant(f"{name}.shift", shift.reshape(along)))


def _pooled(kind: str, **attributes: Any) -> Write:
    def write(graph: Graph, placed: Placed, x: str, name: str) -> str:
        layer = placed.layer
        assert isinstance(layer, Pool)
        window = _window(layer.kernel, layer.stride or layer.kernel, layer.padding)
        return graph.node(name, kind, x, **window, **attributes)

    return write


def _window(kernel: int, stride: int, padding: int) -> dict[str, list[int]]:
    return {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [padding] * 4}


def _global_average_pool(graph: Graph, _placed: Placed, x: str, name: str) -> str:
    return graph.node(name, "ReduceMean", x, graph.constant(f"{name}.axes", [2, 3], np.int64), keepdims=0)


def _local_response_norm(graph: Graph, placed: Placed, x: str, name: str) -> str:
    """By a pool over channels, as ours: ONNX's own operator has its window elsewhere where that is even."""
    layer = placed.layer
    assert isinstance(layer, LocalResponseNorm)
    squares = graph.node(f"{name}.squares", "Mul", x, x)
    channels, height, width = placed.input
    as_columns = graph.constant(f"{name}.as_columns", [0, 1, channels, height * width], np.int64)
    columns = graph.node(f"{name}.columns", "Reshape", squares, as_columns)
    size = layer.size
    means = graph.node(
        f"{name}.means",
        "AveragePool",
        columns,
        kernel_shape=[size, 1],
        pads=[size // 2, 0, (size - 1) // 2, 0],
        count_include_pad=1,
    )
    as_images = graph.constant(f"{name}.as_images", [0, channels, height, width], np.int64)
    images = graph.node(f"{name}.images", "Reshape", means, as_images)
    times = graph.node(f"{name}.times", "Mul", images, graph.constant(f"{name}.alpha", layer.alpha))
    plus = graph.node(f"{name}.plus", "Add", times, graph.constant(f"{name}.k", layer.k))
    divisor = graph.node(f"{name}.divisor", "Pow", plus, graph.constant(f"{name}.beta", layer.beta))
    return graph.node(name, "Div", x, divisor)


UNWEIGHTED: dict[str, Write] = {
    "max_pool": _pooled("MaxPool"),
    "average_pool": _pooled("AveragePool", count_include_pad=0),
    "global_average_pool": _global_average_pool,
    "flatten": lambda graph, _, x, name: graph.node(name, "Flatten", x, axis=1),
    "batch_norm": lambda _graph, _placed, x, _name: x,
    "dropout": lambda _graph, _placed, x, _name: x,
    "local_response_norm": _local_response_norm,
}
"""Of each kind of layer without weights, how it is written."""

JOIN: dict[str, tuple[str, dict[str, int]]] = {"residual": ("Add", {}), "concatenate": ("Concat", {"axis": 1})}
"""Of each kind that joins branches, the operator."""

ACTIVATION: dict[str, tuple[str, dict[str, Any]]] = {
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": LEAK}),
    "gelu": ("Gelu", {}),
}
"""Of each nonlinearity, the operator."""
