"""Population statistics of a trained network: what inference should normalize by, measured by a pass over data.

Works on every module with `torch.nn.BatchNorm*` in it, ours or not. The running averages that training leaves behind
are the paper's means of following accuracy *while* training; these estimates are what it infers with.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeGuard

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from bn.moments import batch_moments

Estimator = Literal["algorithm2", "pooled"]


@dataclass(frozen=True)
class Moments:
    """A layer's channels over everything that was seen of its input: mean [C] and variance [C], float64."""

    mean: Tensor
    variance: Tensor


@dataclass(frozen=True)
class _Sums:
    """What is kept between mini-batches, float64: `mean` and `variance` mean what the estimator makes of them."""

    batches: int
    values: int  # of a channel
    mean: Tensor
    variance: Tensor


def population_moments(
    network: nn.Module, batches: Iterable[Tensor], estimator: Estimator = "algorithm2"
) -> dict[str, Moments]:
    """Each moving batch-normalization layer's population statistics, by its name among `network.named_modules()`.

    batches: inputs [N, ...] of the network, of two values a channel and more. Every layer that is not frozen normalizes
    them by their own moments, as in training; everything else (dropout) acts as in inference. A frozen layer keeps its
    statistics, whatever comes in, so that none are measured of it.

    algorithm2: E[x] = mean of the mini-batches' means, Var[x] = mean of their unbiased variances m/(m-1) var_B
    (Ioffe and Szegedy 2015, algorithm 2, step 10). pooled: mean and biased variance over all values, however they were
    split into mini-batches (Chan, Golub and LeVeque 1983).

    Modes, buffers and random state are as before when it returns. Raises ValueError where there is nothing to measure.
    """
    names = {layer: name for name, layer in network.named_modules() if _moves(layer)}
    sums: dict[_BatchNorm, _Sums] = {}

    def look(layer: _BatchNorm, inputs: tuple[Tensor]) -> None:
        (x,) = inputs
        if x.numel():
            sums[layer] = _ADD[estimator](sums.get(layer), *batch_moments(x), x.numel() // x.shape[1])

    hooks = [layer.register_forward_pre_hook(look) for layer in names]
    try:
        with _normalizing_by_the_batch(network, names), torch.no_grad():
            for batch in batches:
                network(batch)
    finally:
        for hook in hooks:
            hook.remove()
    if not sums:
        raise ValueError("nothing to measure: no batch-normalization layer saw a mini-batch")
    return {names[layer]: Moments(found.mean, found.variance) for layer, found in sums.items()}


def _moves(layer: nn.Module) -> TypeGuard[_BatchNorm]:
    return isinstance(layer, _BatchNorm) and not getattr(layer, "frozen", False)


def set_running(network: nn.Module, moments: dict[str, Moments]) -> None:
    """Make these the statistics that inference normalizes by. Raises ValueError for a layer that can have none.

    A frozen layer keeps its own.
    """
    for name, found in moments.items():
        layer = network.get_submodule(name)
        if not isinstance(layer, _BatchNorm):
            raise ValueError(f"'{name}' is a {type(layer).__name__}: these are another network's moments")
        if getattr(layer, "frozen", False):
            continue
        if layer.running_mean is None or layer.running_var is None:
            raise ValueError(f"'{name}' keeps no running statistics: it always normalizes by the batch")
        layer.running_mean.copy_(found.mean)
        layer.running_var.copy_(found.variance)


def _add_algorithm2(so_far: _Sums | None, mean: Tensor, variance: Tensor, num_values: int) -> _Sums:
    unbiased = variance.double() * (num_values / (num_values - 1))
    if so_far is None:
        return _Sums(1, num_values, mean.double(), unbiased)
    share = 1 / (so_far.batches + 1)
    return _Sums(
        so_far.batches + 1,
        so_far.values + num_values,
        torch.lerp(so_far.mean, mean.double(), share),
        torch.lerp(so_far.variance, unbiased, share),
    )


def _add_pooled(so_far: _Sums | None, mean: Tensor, variance: Tensor, num_values: int) -> _Sums:
    if so_far is None:
        return _Sums(1, num_values, mean.double(), variance.double())
    values = so_far.values + num_values
    share = num_values / values
    between = share * (1 - share) * (mean.double() - so_far.mean).square()
    within = torch.lerp(so_far.variance, variance.double(), share)
    return _Sums(so_far.batches + 1, values, torch.lerp(so_far.mean, mean.double(), share), within + between)


_ADD: dict[Estimator, Callable[[_Sums | None, Tensor, Tensor, int], _Sums]] = {
    "algorithm2": _add_algorithm2,
    "pooled": _add_pooled,
}


@contextmanager
def _normalizing_by_the_batch(network: nn.Module, layers: Iterable[_BatchNorm]) -> Iterator[None]:
    """Inference, but for these layers, which train; modes and buffers are put back at the end."""
    modes = {module: module.training for module in network.modules()}
    buffers = {buffer: buffer.clone() for buffer in network.buffers()}
    network.eval()
    for layer in layers:
        layer.train()
    try:
        yield
    finally:
        for module, training in modes.items():
            module.training = training
        for buffer, before in buffers.items():
            buffer.copy_(before)
