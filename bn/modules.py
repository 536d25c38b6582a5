"""What computes each kind of layer: torch's modules, ours where torch has none, and nonlinearities."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from bn.architecture.layers import Conv2d, Dropout, Linear, LocalResponseNorm, Pool
from bn.architecture.plan import Placed
from bn.layers import BatchNorm1d, BatchNorm2d
from bn.products import is_large, product


def _linear(placed: Placed) -> nn.Module:
    assert isinstance(placed.layer, Linear)
    return _Linear(placed.input[0], placed.layer.features, bias=placed.has_bias, device="meta")


def _conv2d(placed: Placed) -> nn.Module:
    layer = placed.layer
    assert isinstance(layer, Conv2d)
    sizes = (placed.input[0], layer.channels, layer.kernel, layer.stride, layer.padding)
    return nn.Conv2d(*sizes, bias=placed.has_bias, device="meta")


def _max_pool(placed: Placed) -> nn.Module:
    assert isinstance(placed.layer, Pool)
    return nn.MaxPool2d(placed.layer.kernel, placed.layer.stride, placed.layer.padding)


def _average_pool(placed: Placed) -> nn.Module:
    layer = placed.layer
    assert isinstance(layer, Pool)
    return nn.AvgPool2d(layer.kernel, layer.stride, layer.padding, count_include_pad=False)


def _dropout(placed: Placed) -> nn.Module:
    assert isinstance(placed.layer, Dropout)
    return nn.Dropout(placed.layer.rate)


def _local_response_norm(placed: Placed) -> nn.Module:
    layer = placed.layer
    assert isinstance(layer, LocalResponseNorm)
    return _LocalResponseNorm(layer.size, layer.alpha, layer.beta, layer.k)


def normalization(placed: Placed) -> BatchNorm1d | BatchNorm2d | None:
    """The batch normalization of a layer, where it has one."""
    options = placed.normalization
    if options is None:
        return None
    kind = BatchNorm1d if len(placed.output) == 1 else BatchNorm2d
    return kind(
        placed.output[0],
        epsilon=options.epsilon,
        running_decay=options.running_decay,
        affine=options.affine,
        running_variance=options.running_variance,
        frozen=options.frozen,
    )


class _Linear(nn.Linear):
    """As torch's; where nothing asks for a derivative, a large product is taken by the faster library."""

    def forward(self, x: Tensor) -> Tensor:
        plain = torch.is_grad_enabled() or torch._C._are_functorch_transforms_active() or torch.compiler.is_compiling()
        if plain or not is_large(x, self.weight):
            return super().forward(x)
        return product(x, self.weight, self.bias)


class _LocalResponseNorm(nn.LocalResponseNorm):
    """As torch's, but by a pool in two dimensions: the gradient of torch's own has no deterministic form on CUDA."""

    def forward(self, x: Tensor) -> Tensor:
        size = self.size
        padded = nn.functional.pad(x.mul(x).flatten(2).unsqueeze(1), (0, 0, size // 2, (size - 1) // 2))
        means = nn.functional.avg_pool2d(padded, (size, 1), stride=1).reshape(x.shape)
        return x / means.mul(self.alpha).add(self.k).pow(self.beta)


class _GlobalAveragePool(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))


TRANSFORM: dict[str, Callable[[Placed], nn.Module]] = {
    "linear": _linear,
    "conv2d": _conv2d,
    "max_pool": _max_pool,
    "average_pool": _average_pool,
    "global_average_pool": lambda _: _GlobalAveragePool(),
    "flatten": lambda _: nn.Flatten(),
    "batch_norm": lambda _: nn.Identity(),
    "dropout": _dropout,
    "local_response_norm": _local_response_norm,
}
"""Of each kind of layer but those that join, what makes the module that computes it."""

JOIN: dict[str, Callable[[list[Tensor]], Tensor]] = {
    "residual": lambda branches: branches[0] + branches[1],
    "concatenate": lambda branches: torch.cat(branches, 1),
}
"""Of each kind that joins branches, how."""

ACTIVATION: dict[str, Callable[[Any], Tensor] | None] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": nn.functional.relu,
    "leaky_relu": nn.functional.leaky_relu,
    "gelu": nn.functional.gelu,
    "none": None,
}
"""Each nonlinearity as a function."""
