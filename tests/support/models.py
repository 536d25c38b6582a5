"""Models to try formats on: networks with statistics and weights as a training leaves them."""

import random
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import TypeAdapter

from bn.architecture.normalization import BatchNorm
from bn.architecture.plan import Plan, ShapeError, plan
from bn.architecture.presets import Architecture
from bn.network import Network, build
from jobs.datasets.preprocessing import Preprocessing
from jobs.models.model import Model

CLASSES = 4
ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu", "none")
RANDOM = range(200)  # seeds of random plans
PRESETS: dict[str, dict[str, Any]] = {
    "mlp": {"preset": "mlp", "hidden": [20, 10]},
    "convnet": {"preset": "convnet"},
    "resnet": {"preset": "resnet"},
    "bn_inception": {"preset": "bn_inception", "width": 0.05},
}
ARCHITECTURE: TypeAdapter[Architecture] = TypeAdapter(Architecture)


def trained(network_plan: Plan, seed: int = 0) -> Network:
    """The network of a plan in inference mode, with biases, scales and running statistics that are not 0 and 1."""
    network = build(network_plan, seed)
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in network.state_dict().items():
        if ".batch_norm." in name and tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
        elif name.endswith(".bias"):
            tensor.copy_(torch.randn(tensor.shape, generator=generator) * 0.1)
    return network.eval()


def model_of(network: Network, preprocessing: Preprocessing | None = None) -> Model:
    """What formats are made of, of a network in memory."""
    shape, classes = network.plan.input, network.plan.output[0]
    as_it_is = Preprocessing(binarize=False, shift=(0.0,) * shape[0], scale=(1.0,) * shape[0])
    tensors = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    names = tuple(f"class {number}" for number in range(classes))
    return Model("0j1d3q9f7k2mc", 7, network.plan, tensors, preprocessing or as_it_is, names)


def planned(
    architecture: dict[str, Any], shape: tuple[int, ...], batch_norm: BatchNorm | None = None, classes: int = CLASSES
) -> Plan:
    return plan(ARCHITECTURE.validate_python(architecture), batch_norm, shape, classes)


def inputs_for(network_plan: Plan, examples: int = 3) -> NDArray[np.float32]:
    drawn: NDArray[np.float32] = np.random.default_rng(0).standard_normal((examples, *network_plan.input), np.float32)
    return drawn


def equal(
    network: Network, inputs: NDArray[np.float32], logits: NDArray[np.float32], probabilities: NDArray[np.float32]
) -> None:
    """Assert that these are what the network gives: logits to 1e-5 of the greatest, probabilities to 1e-5."""
    with torch.no_grad():
        wanted = network(torch.from_numpy(inputs))
    np.testing.assert_allclose(logits, wanted.numpy(), rtol=0, atol=1e-5 * float(wanted.abs().max()))
    np.testing.assert_allclose(probabilities, wanted.softmax(1).numpy(), rtol=0, atol=1e-5)


def random_plan(seed: int) -> Plan:
    """A random list of layers that fits: every kind of layer and option turns up among a few dozen seeds."""
    source = random.Random(seed)  # noqa: S311 - the same networks each time
    shape = (source.choice((1, 3)), source.randint(5, 8), source.randint(5, 8)) if source.random() < 0.8 else (6,)
    while True:
        layers = [*_random_layers(source, len(shape) > 1, source.randint(1, 6)), *_random_end(source, len(shape) > 1)]
        own = BatchNorm(epsilon=source.choice((1e-5, 1e-2)), affine=source.random() < 0.7)
        try:
            return planned({"layers": layers}, shape, source.choice((None, own)))
        except ShapeError:
            continue


def _random_layers(source: random.Random, of_images: bool, count: int, depth: int = 0) -> list[dict[str, Any]]:
    makers = (*_IMAGES, *_NESTED * (depth < 2)) if of_images else _FEATURES
    return [source.choice(makers)(source, depth) for _ in range(count)]


def _random_end(source: random.Random, of_images: bool) -> list[dict[str, Any]]:
    between = [source.choice(({"kind": "flatten"}, {"kind": "global_average_pool"}))] if of_images else []
    return [*between, *_random_layers(source, False, source.randint(0, 2)), {"kind": "linear", "features": CLASSES}]


def _batch_norm(source: random.Random) -> Any:
    placement = source.choice(("before_activation", "after_activation"))
    own = {"placement": placement, "affine": source.random() < 0.7, "frozen": source.random() < 0.2, "noise": True}
    return source.choice((None, False, "inherit", "keras", own))


def _weighted(source: random.Random) -> dict[str, Any]:
    return {
        "activation": source.choice(ACTIVATIONS),
        "bias": source.random() < 0.7,
        "batch_norm": _batch_norm(source),
    }


def _linear(source: random.Random, _depth: int) -> dict[str, Any]:
    return {"kind": "linear", "features": source.randint(1, 6), **_weighted(source)}


def _conv2d(source: random.Random, _depth: int) -> dict[str, Any]:
    sizes = {"kernel": source.randint(1, 3), "stride": source.randint(1, 2), "padding": source.randint(0, 2)}
    return {"kind": "conv2d", "channels": source.randint(1, 5), **sizes, **_weighted(source)}


def _pool(source: random.Random, _depth: int) -> dict[str, Any]:
    sizes = {"kernel": source.randint(2, 3), "stride": source.choice((None, 1, 2)), "padding": source.randint(0, 1)}
    return {"kind": source.choice(("max_pool", "average_pool")), **sizes}


def _normalization(source: random.Random, _depth: int) -> dict[str, Any]:
    return {"kind": "batch_norm", "affine": source.random() < 0.7, "frozen": source.random() < 0.2, "noise": True}


def _dropout(source: random.Random, _depth: int) -> dict[str, Any]:
    return {"kind": "dropout", "rate": source.random() / 2}


def _local_response_norm(source: random.Random, _depth: int) -> dict[str, Any]:
    return {"kind": "local_response_norm", "size": source.randint(1, 5), "alpha": 0.5, "k": source.choice((1.0, 2.0))}


def _residual(source: random.Random, depth: int) -> dict[str, Any]:
    keeping = {"kind": "conv2d", "channels": 1, "kernel": 3, "padding": 1}  # the shape; one channel meets any shortcut
    inner = [keeping | _weighted(source), *([_dropout(source, depth)] if source.random() < 0.3 else [])]
    shortcut = [{"kind": "conv2d", "channels": 1, "kernel": 1, **_weighted(source)}]
    return {"kind": "residual", "layers": inner, "shortcut": shortcut, "activation": source.choice(ACTIVATIONS)}


def _concatenate(source: random.Random, depth: int) -> dict[str, Any]:
    same = {"kind": "conv2d", "channels": 2, "kernel": 3, "padding": 1}
    branches = [[], [same | _weighted(source)], [_normalization(source, depth), _local_response_norm(source, depth)]]
    return {"kind": "concatenate", "branches": branches}


_IMAGES = (_conv2d, _conv2d, _pool, _normalization, _dropout, _local_response_norm)
_NESTED = (_residual, _concatenate)
_FEATURES = (_linear, _linear, _normalization, _dropout)
