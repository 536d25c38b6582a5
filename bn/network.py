"""Turns a plan into modules, with a tap at the input of every nonlinearity."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from bn.architecture.layers import BatchNormLayer, Conv2d, Init, Linear, NormalInit, Normalization, Pool
from bn.architecture.plan import Placed, Plan
from bn.functional import Normalized
from bn.layers import BatchNorm1d, BatchNorm2d


@dataclass(frozen=True)
class Observed:
    """What a forward pass saw on its way, by layer name; the pass fills it in."""

    taps: dict[str, Tensor] = field(default_factory=dict)  # inputs of nonlinearities: [N, C, ...]
    moments: dict[str, Normalized] = field(default_factory=dict)  # of each BN


class Layer(nn.Module):
    """One layer of a plan: its transform, its nonlinearity, and batch normalization before or after that."""

    def __init__(self, placed: Placed) -> None:
        super().__init__()
        self.name = placed.name
        self.transform = _TRANSFORM[placed.layer.kind](placed)
        self.batch_norm = _batch_norm(placed)
        self.activation = _ACTIVATION[getattr(placed.layer, "activation", "none")]
        self.normalizes_last = placed.batch_norm is not None and placed.batch_norm.placement == "after_activation"

    def forward(self, x: Tensor, observed: Observed | None = None) -> Tensor:
        """[N, *input] -> [N, *output]; with `observed`, BN takes the batch's moments and updates nothing."""
        x = self.transform(x)
        if not self.normalizes_last:
            x = self._normalize(x, observed)
        if self.activation is not None:
            if observed is not None:
                observed.taps[self.name] = x
            x = self.activation(x)
        if self.normalizes_last:
            x = self._normalize(x, observed)
        return x

    def _normalize(self, x: Tensor, observed: Observed | None) -> Tensor:
        if self.batch_norm is None:
            return x
        if observed is None:
            return self.batch_norm(x)  # type: ignore[no-any-return]  # nn.Module.__call__ returns Any
        normalized = self.batch_norm.normalize_batch(x)
        observed.moments[self.name] = normalized
        return normalized.output


class Network(nn.Module):
    """A plan's layers, each under its own name: a layer's state-dict prefix is its name in the plan."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self.layers = tuple(Layer(placed) for placed in plan.layers)
        for layer in self.layers:
            self.add_module(layer.name, layer)
        self.batch_norms = {layer.name: layer.batch_norm for layer in self.layers if layer.batch_norm is not None}

    def forward(self, x: Tensor) -> Tensor:
        """[N, *input] -> logits [N, classes]; BN as the mode says: batch moments and an update, or running moments."""
        for layer in self.layers:
            x = layer(x)
        return x

    def observe(self, x: Tensor) -> tuple[Tensor, Observed]:
        """[N, *input] -> logits [N, classes] by the batch's own moments, and what was seen; changes nothing."""
        observed = Observed()
        for layer in self.layers:
            x = layer(x, observed)
        return x, observed

    def update_running(self, observed: Observed) -> None:
        """Move every BN's running moments towards those that a pass observed."""
        for name, batch_norm in self.batch_norms.items():
            normalized = observed.moments[name]
            batch_norm.update_running(normalized, normalized.output.numel() // batch_norm.num_features)


def build(plan: Plan, seed: int) -> Network:
    """The network of a plan: weights drawn from the seed in the order of the layers, biases 0.

    The draw is the same with and without BN, and on every device: it happens on the CPU, apart from torch's own state.
    """
    network = Network(plan)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for placed, layer in zip(plan.layers, network.layers, strict=True):
            if isinstance(placed.layer, Linear | Conv2d):
                layer.transform.to_empty(device="cpu")
                weight = layer.transform.get_parameter("weight")
                weight.normal_(0, _std(placed.layer.init, weight), generator=generator)
                if placed.bias:
                    layer.transform.get_parameter("bias").zero_()
    return network


def _std(init: Init, weight: Tensor) -> float:
    if isinstance(init, NormalInit):
        return init.std
    receptive = weight[0, 0].numel()
    fan_in, fan_out = weight.shape[1] * receptive, weight.shape[0] * receptive
    variance = 1 / fan_in if init.scheme == "kaiming_normal" else 2 / (fan_in + fan_out)
    return float(init.gain * variance**0.5)


def _linear(placed: Placed) -> nn.Module:
    assert isinstance(placed.layer, Linear)
    return nn.Linear(placed.input[0], placed.layer.features, bias=placed.bias, device="meta")


def _conv2d(placed: Placed) -> nn.Module:
    layer = placed.layer
    assert isinstance(layer, Conv2d)
    sizes = (placed.input[0], layer.channels, layer.kernel, layer.stride, layer.padding)
    return nn.Conv2d(*sizes, bias=placed.bias, device="meta")


def _pool(placed: Placed) -> nn.Module:
    assert isinstance(placed.layer, Pool)
    kind = nn.MaxPool2d if placed.layer.kind == "max_pool" else nn.AvgPool2d
    return kind(placed.layer.kernel, placed.layer.stride)


def _batch_norm(placed: Placed) -> BatchNorm1d | BatchNorm2d | None:
    options: Normalization | None = placed.layer if isinstance(placed.layer, BatchNormLayer) else placed.batch_norm
    if options is None:
        return None
    kind = BatchNorm1d if len(placed.output) == 1 else BatchNorm2d
    return kind(
        placed.output[0],
        epsilon=options.epsilon,
        running_decay=options.running_decay,
        affine=options.affine,
        running_variance=options.running_variance,
    )


class _GlobalAveragePool(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))


_TRANSFORM: dict[str, Callable[[Placed], nn.Module]] = {
    "linear": _linear,
    "conv2d": _conv2d,
    "max_pool": _pool,
    "average_pool": _pool,
    "global_average_pool": lambda _: _GlobalAveragePool(),
    "flatten": lambda _: nn.Flatten(),
    "batch_norm": lambda _: nn.Identity(),
}

_ACTIVATION: dict[str, Callable[[Any], Tensor] | None] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": nn.functional.relu,
    "leaky_relu": nn.functional.leaky_relu,
    "gelu": nn.functional.gelu,
    "none": None,
}
