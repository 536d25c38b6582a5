"""What is measured in a training step, in the graph: raw values, laid side by side as one row of float32.

A step only gathers: samples of the taps, the moments and extremes that BN has at hand, norms. What follows from
them (percentiles, shares, gaps, histograms) is worked out from many rows at once, off the training's path.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import NamedTuple

import torch
from torch import Tensor

from bn.architecture.plan import Placed
from bn.architecture.sampling import sample_size, sample_stride
from bn.architecture.shapes import Shape
from bn.moments import all_but_channels
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


class Losses(NamedTuple):
    """What is measured at every step."""

    loss: Tensor  # scalar
    correct: Tensor  # scalar: how many examples are classified right
    gradient_norms: Tensor  # of each parameter tensor's gradient: [number of parameter tensors]


class Norms(NamedTuple):
    """What is measured of the whole network where its inside is: before the update, but for that of the update."""

    norms: Tensor  # [number of weights]
    gradient_norms: Tensor  # [number of parameter tensors]
    update_norms: Tensor  # of what was added to each weight: [number of weights]


def loss_layout(network: Network) -> Layout:
    """The row of every step: a part for each of `Losses`."""
    return _lay_out(_whole(Losses, (1, 1, len(network.parameter_names))))


def activation_layout(network: Network, batch_size: int, limit: int) -> Layout:
    """The row of the network's inside at a batch of this size; `limit`: the most values in a tap's sample.

    Of the whole network a part for each of `Norms`, then of each layer those of `_ENTRIES` that it has.
    """
    num_weights = len(network.weight_names)
    whole = _whole(Norms, (num_weights, len(network.parameter_names), num_weights))
    layers = [(placed.name, entry.what, entry.size(placed, batch_size, limit)) for placed, entry in _entries(network)]
    return _lay_out([*whole, *layers])


def loss_row(losses: Losses) -> Tensor:
    """What `loss_layout` says, as one vector."""
    return torch.cat([losses.loss.view(1), losses.correct.view(1), losses.gradient_norms])


@torch.no_grad()
def activation_row(network: Network, observed: Observed, norms: Norms, limit: int) -> Tensor:
    """What `activation_layout` says, as one vector; the network is as it was in the pass that observed."""
    seen = _Pass(network, observed, limit)
    return torch.cat([*norms, *(entry.value(seen, placed.name) for placed, entry in _entries(network))])


def norms(tensors: Iterable[Tensor]) -> Tensor:
    """The Euclidean norm of each tensor, as one vector."""
    return torch.stack(torch._foreach_norm(list(tensors)))


def is_behind_batch_norm(placed: Placed) -> bool:
    """Whether a tap is the direct output of BN, without noise, so that its moments are BN's to know."""
    options = placed.normalization
    moves = options is not None and not options.frozen and options.noise is None
    return placed.has_tap and moves and not placed.normalizes_last


def needs_high(placed: Placed) -> bool:
    """Whether each channel's largest value is measured: for the extremes behind BN, and for dead relu units."""
    return is_behind_batch_norm(placed) or placed.activation == "relu"


@lru_cache(maxsize=256)
def sample_index(shape: Shape, limit: int, device: torch.device) -> Tensor:
    """Places of a sample in logical [N, C, ...] order: 0, s, 2s, ... (int64)."""
    return torch.arange(0, prod(shape), sample_stride(shape, limit), device=device)


class _Pass(NamedTuple):
    """A forward pass of which a row is made; `limit`: the most values in a tap's sample."""

    network: Network
    observed: Observed
    limit: int


class _Entry(NamedTuple):
    """One measured vector of a layer."""

    what: str
    is_of: Callable[[Placed], bool]  # whether a layer has it
    size: Callable[[Placed, int, int], int]  # at a batch size, and a limit of the tap's sample
    value: Callable[[_Pass, str], Tensor]  # by the layer's name


def _has_tap(placed: Placed) -> bool:
    return placed.has_tap


def _normalizes(placed: Placed) -> bool:
    return placed.normalization is not None


def _is_affine(placed: Placed) -> bool:
    return placed.normalization is not None and placed.normalization.affine


def _channels(placed: Placed, _batch_size: int, _limit: int) -> int:
    return placed.output[0]


def _of_sample(placed: Placed, batch_size: int, limit: int) -> int:
    return sample_size((batch_size, *placed.output), limit)


def _sample(seen: _Pass, layer: str) -> Tensor:
    tap = seen.observed.taps[layer]
    return torch.take(tap, sample_index(tuple(tap.shape), seen.limit, tap.device))


def _high(seen: _Pass, layer: str) -> Tensor:
    tap = seen.observed.taps[layer]
    return tap.amax(all_but_channels(tap))


def _low(seen: _Pass, layer: str) -> Tensor:
    tap = seen.observed.taps[layer]
    return tap.amin(all_but_channels(tap))


def _of_batch(what: str) -> Callable[[_Pass, str], Tensor]:
    """One of the moments that BN found in the batch."""
    return lambda seen, layer: getattr(seen.observed.moments[layer], what)


def _of_batch_norm(what: str) -> Callable[[_Pass, str], Tensor]:
    """A tensor of BN's own."""
    return lambda seen, layer: getattr(seen.network.batch_norms[layer], what)


# Right behind BN a tap's extremes are of every value, not of its sample alone. The running moments are those before
# this batch.
_ENTRIES = (
    _Entry("sample", _has_tap, _of_sample, _sample),
    _Entry("high", needs_high, _channels, _high),
    _Entry("low", is_behind_batch_norm, _channels, _low),
    _Entry("mean", _normalizes, _channels, _of_batch("mean")),
    _Entry("variance", _normalizes, _channels, _of_batch("variance")),
    _Entry("running_mean", _normalizes, _channels, _of_batch_norm("running_mean")),
    _Entry("running_var", _normalizes, _channels, _of_batch_norm("running_var")),
    _Entry("weight", _is_affine, _channels, _of_batch_norm("weight")),
    _Entry("bias", _is_affine, _channels, _of_batch_norm("bias")),
)


def _entries(network: Network) -> Iterator[tuple[Placed, _Entry]]:
    """What is measured of every layer, in the order of a row."""
    return ((placed, entry) for placed in network.plan.layers for entry in _ENTRIES if entry.is_of(placed))


def _whole(kind: type[Losses | Norms], sizes: tuple[int, int, int]) -> list[tuple[str, str, int]]:
    return [("", what, size) for what, size in zip(kind._fields, sizes, strict=True)]


def _lay_out(entries: list[tuple[str, str, int]]) -> Layout:
    parts, start = [], 0
    for layer, what, size in entries:
        parts.append(Part(layer, what, start, start + size))
        start += size
    return Layout(tuple(parts))
