"""What is measured in a training step, in the graph: raw values, laid side by side as one row of float32.

A step only gathers: samples of the taps, the moments and extremes that BN has at hand, norms. What follows from
them (percentiles, shares, gaps, histograms) is worked out from many rows at once, off the training's path.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import torch
from torch import Tensor

from bn.architecture.plan import Placed
from bn.architecture.sampling import sample_stride
from bn.architecture.shapes import Shape
from bn.network import Network, Observed


@dataclass(frozen=True)
class Part:
    """Columns start..stop of a row: one measured vector of one layer, or of the whole network (layer "")."""

    layer: str
    what: str
    start: int
    stop: int


@dataclass(frozen=True)
class Layout:
    """Which columns of a row hold what."""

    parts: tuple[Part, ...]

    @property
    def width(self) -> int:
        """The number of columns."""
        return self.parts[-1].stop if self.parts else 0

    def of(self, layer: str) -> dict[str, slice]:
        """The columns of a layer, by what they hold."""
        return {part.what: slice(part.start, part.stop) for part in self.parts if part.layer == layer}


def loss_layout(network: Network) -> Layout:
    """The row of every step: `loss`, `correct` (examples), `gradient_norms` (one a parameter tensor)."""
    return _lay_out([("", "loss", 1), ("", "correct", 1), ("", "gradient_norms", _num_parameters(network))])


def activation_layout(network: Network, batch_size: int, limit: int) -> Layout:
    """The row of the network's inside at a batch of this size; `limit`: the most values in a tap's sample.

    Of the whole network: `norms`, one a weight, and `gradient_norms`, one a parameter tensor, before the update, and
    `update_norms`, one a weight, of what the update added.
    A tap has its `sample`; right behind BN, or under relu, also each channel's `high`, and behind BN its `low`.
    A BN has the batch's `mean` and `variance`, the `running_mean` and `running_var` before this batch and, when affine,
    `weight` and `bias`: all [C].
    """
    num_weights = len(network.weights)
    whole = [("", "norms", num_weights), ("", "gradient_norms", _num_parameters(network))]
    layers = [entry for placed in network.plan.layers for entry in _entries(placed, batch_size, limit)]
    return _lay_out([*whole, *layers, ("", "update_norms", num_weights)])


def loss_row(loss: Tensor, correct: Tensor, gradient_norms: Tensor) -> Tensor:
    """What `loss_layout` says, as one vector. loss, correct: scalars; gradient_norms: [number of parameter tensors]."""
    return torch.cat([loss.view(1), correct.view(1), gradient_norms])


def activation_row(network: Network, observed: Observed, gradient_norms: Tensor, limit: int) -> Tensor:
    """What `activation_layout` says but for the `update_norms` at its end, as one vector."""
    return torch.cat([norms(network.weights.values()), gradient_norms, *_values(network, observed, limit)])


def norms(tensors: Iterable[Tensor]) -> Tensor:
    """The Euclidean norm of each tensor, as one vector."""
    return torch.stack(torch._foreach_norm(list(tensors)))


def is_behind_batch_norm(placed: Placed) -> bool:
    """Whether a tap is the direct output of BN, so that its moments are BN's to know."""
    options = placed.normalization
    return placed.has_tap and options is not None and not options.frozen and not placed.normalizes_last


def needs_high(placed: Placed) -> bool:
    """Whether each channel's largest value is measured: for the extremes behind BN, and for dead relu units."""
    return is_behind_batch_norm(placed) or placed.activation == "relu"


@lru_cache(maxsize=256)
def sample_index(shape: Shape, limit: int, device: torch.device) -> Tensor:
    """Places of a sample in logical [N, C, ...] order: 0, s, 2s, ... (int64)."""
    return torch.arange(0, prod(shape), sample_stride(shape, limit), device=device)


def _entries(placed: Placed, batch_size: int, limit: int) -> Iterator[tuple[str, str, int]]:
    channels = placed.output[0]
    if placed.has_tap:
        shape = (batch_size, *placed.output)
        yield placed.name, "sample", -(-prod(shape) // sample_stride(shape, limit))
    if needs_high(placed):
        yield placed.name, "high", channels
    if is_behind_batch_norm(placed):
        yield placed.name, "low", channels
    if placed.normalization is not None:
        affine = ("weight", "bias") if placed.normalization.affine else ()
        for what in ("mean", "variance", "running_mean", "running_var", *affine):
            yield placed.name, what, channels


def _values(network: Network, observed: Observed, limit: int) -> Iterator[Tensor]:
    for placed in network.plan.layers:
        if placed.has_tap:
            tap = observed.taps[placed.name].detach()
            yield torch.take(tap, sample_index(tuple(tap.shape), limit, tap.device))
            dims = [0, *range(2, tap.dim())]
            if needs_high(placed):
                yield tap.amax(dims)
            if is_behind_batch_norm(placed):
                yield tap.amin(dims)
        if placed.normalization is not None:
            moments, batch_norm = observed.moments[placed.name], network.batch_norms[placed.name]
            assert batch_norm.running_mean is not None
            assert batch_norm.running_var is not None
            yield from (moments.mean.detach(), moments.variance.detach())
            yield from (batch_norm.running_mean, batch_norm.running_var)
            if placed.normalization.affine:
                yield from (batch_norm.weight.detach(), batch_norm.bias.detach())


def _num_parameters(network: Network) -> int:
    return sum(1 for _ in network.parameters())


def _lay_out(entries: list[tuple[str, str, int]]) -> Layout:
    parts, start = [], 0
    for layer, what, size in entries:
        parts.append(Part(layer, what, start, start + size))
        start += size
    return Layout(tuple(parts))
