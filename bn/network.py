"""Turns a plan into modules, with a tap at the input of every nonlinearity."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, Self

import torch
from torch import Tensor, nn

from bn.architecture.layers import Init, NormalInit, Weighted
from bn.architecture.plan import Placed, Plan
from bn.functional import Normalized
from bn.modules import ACTIVATION, JOIN, TRANSFORM, normalization
from bn.moments import batch_moments
from bn.noise import noisy
from bn.transform import Shift, shifted_by_mean


@dataclass(frozen=True)
class Observed:
    """What a forward pass is given beside its input, and what it saw, by layer name: that the pass fills in."""

    noise: Mapping[str, Tensor]  # what was drawn, as bn.noise has it; a layer without it draws nothing
    shifted: Shift  # the way to a batch's moments
    taps: dict[str, Tensor] = field(default_factory=dict)  # inputs of nonlinearities: [N, C, ...]
    moments: dict[str, Normalized] = field(default_factory=dict)  # of each BN


class LayerModule(nn.Module):
    """One layer of a plan: its transform, its nonlinearity, and batch normalization before or after that.

    One that holds others joins what its branches make of its input; they are its submodules under their own names.
    """

    def __init__(self, placed: Placed) -> None:
        super().__init__()
        self.name = placed.name
        self.branches = tuple(tuple(LayerModule(inner) for inner in branch) for branch in placed.branches)
        for inner in chain(*self.branches):
            _register(self, inner.name.removeprefix(f"{self.name}."), inner)
        self.join = JOIN.get(placed.layer.kind)
        self.transform = None if self.join else TRANSFORM[placed.layer.kind](placed)
        self.batch_norm = normalization(placed)
        self.activation = ACTIVATION[placed.activation]
        self.normalizes_last = placed.normalizes_last

    def forward(self, x: Tensor, observed: Observed | None = None) -> Tensor:
        """[N, *input] -> [N, *output]; with `observed`, BN takes the batch's moments and updates nothing."""
        x = self._transformed(x, observed)
        if not self.normalizes_last:
            x = self._normalize(x, observed)
        if self.activation is not None:
            if observed is not None:
                observed.taps[self.name] = x
            x = self.activation(x)
        if self.normalizes_last:
            x = self._normalize(x, observed)
        return x

    def _transformed(self, x: Tensor, observed: Observed | None) -> Tensor:
        if self.join is not None:
            return self.join([_through(branch, x, observed) for branch in self.branches])
        assert self.transform is not None
        if observed is not None and isinstance(self.transform, nn.Dropout):
            return x * observed.noise[self.name] if self.name in observed.noise else x
        return self.transform(x)  # type: ignore[no-any-return]  # nn.Module.__call__ returns Any

    def _normalize(self, x: Tensor, observed: Observed | None) -> Tensor:
        if self.batch_norm is None:
            return x
        if observed is None:
            return self.batch_norm(x)  # type: ignore[no-any-return]  # nn.Module.__call__ returns Any
        if self.batch_norm.frozen:
            normalized = Normalized(self.batch_norm(x), *batch_moments(x.detach()))
        else:
            normalized = self.batch_norm.normalize_batch(x, observed.shifted)
        observed.moments[self.name] = normalized
        drawn = observed.noise.get(self.name)
        return normalized.output if drawn is None else noisy(normalized.output, drawn)


class Network(nn.Module):
    """A plan's layers, each under its own name: a layer's state-dict prefix is its name in the plan.

    `layers` has them all in the order of `plan.layers`, `sequence` the outermost ones.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self.sequence = tuple(LayerModule(placed) for placed in plan.sequence)
        for layer in self.sequence:
            _register(self, layer.name, layer)
        by_name = {layer.name: layer for layer in self.modules() if isinstance(layer, LayerModule)}
        self.layers = tuple(by_name[placed.name] for placed in plan.layers)
        self.batch_norms = {layer.name: layer.batch_norm for layer in self.layers if layer.batch_norm is not None}

    @cached_property
    def parameter_names(self) -> tuple[str, ...]:
        """Of every parameter tensor, in the order of `parameters()`."""
        return tuple(name for name, _ in self.named_parameters())

    @cached_property
    def weight_names(self) -> dict[str, str]:
        """The name of the weight of each linear layer and convolution, by the layer's name."""
        weighted = (placed.name for placed in self.plan.layers if isinstance(placed.layer, Weighted))
        return {name: f"{name}.transform.weight" for name in weighted}

    @property
    def weights(self) -> dict[str, Tensor]:
        """The weight of each linear layer and convolution, by the layer's name."""
        named = dict(self.named_parameters())
        return {layer: named[name] for layer, name in self.weight_names.items()}

    @contextmanager
    def holding(self, tensors: Mapping[str, Tensor]) -> Iterator[Self]:
        """The network with these tensors in the places of its parameters and buffers, by name, until the end."""
        own = self._put(tensors)
        try:
            yield self
        finally:
            self._put(own)

    def _put(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Put tensors into their places, and return what was there.

        torch.func.functional_call does the same, and looks each place up anew.
        """
        before = {}
        for name, tensor in tensors.items():
            place, key = self._places[name]
            before[name], place[key] = place[key], tensor
        return before

    @cached_property
    def _places(self) -> dict[str, tuple[dict[str, Any], str]]:
        """Of each parameter and buffer: the dict of its module that has it, and its name there."""
        return {
            f"{path}.{key}": (place, key)
            for path, module in self.named_modules()
            for place in (module._parameters, module._buffers)
            for key in place
        }

    def forward(self, x: Tensor) -> Tensor:
        """[N, *input] -> logits [N, classes]; BN as the mode says: batch moments and an update, or running moments."""
        return _through(self.sequence, x, None)

    def observe(
        self, x: Tensor, noise: Mapping[str, Tensor] | None = None, shifted: Shift = shifted_by_mean
    ) -> tuple[Tensor, Observed]:
        """[N, *input] -> logits [N, classes] by the batch's own moments, and what was seen; changes nothing.

        It is the same in every mode. noise: as `noise_of` draws it; without it nothing is dropped or
        disturbed. shifted: the way to the moments. A frozen BN normalizes as it always does.
        """
        observed = Observed(noise or {}, shifted)
        return _through(self.sequence, x, observed), observed

    def moved_running(self, observed: Observed) -> dict[str, Tensor]:
        """The buffers, by name, that change once every BN's moments move towards those that a pass observed."""
        moved: dict[str, Tensor] = {}
        for name, batch_norm in self.batch_norms.items():
            normalized = observed.moments[name]
            num_values = normalized.output.numel() // batch_norm.num_features
            buffers = batch_norm.moved_running(normalized, num_values)
            moved |= {f"{name}.batch_norm.{buffer}": value for buffer, value in buffers.items()}
        return moved


@contextmanager
def inference(network: Network) -> Iterator[Network]:
    """The network in evaluation mode, and in the mode that it was in when that is over."""
    was_training = network.training
    network.eval()
    try:
        yield network
    finally:
        network.train(was_training)


def build(plan: Plan, seed: int) -> Network:
    """The network of a plan: weights drawn from the seed in the order of the layers, biases 0.

    The draw is the same with and without BN, and on every device: it happens on the CPU, apart from torch's own state.
    """
    network = Network(plan)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for placed, layer in zip(plan.layers, network.layers, strict=True):
            if isinstance(placed.layer, Weighted):
                assert layer.transform is not None
                layer.transform.to_empty(device="cpu")
                weight = layer.transform.get_parameter("weight")
                weight.normal_(0, _std(placed.layer.init, weight), generator=generator)
                if placed.has_bias:
                    layer.transform.get_parameter("bias").zero_()
    return network


def _through(sequence: tuple[LayerModule, ...], x: Tensor, observed: Observed | None) -> Tensor:
    for layer in sequence:
        x = layer(x, observed)
    return x


def _register(module: nn.Module, path: str, layer: LayerModule) -> None:
    """Make a layer a submodule under a dotted path, with plain modules in between where there are none yet."""
    *containers, name = path.split(".")
    for container in containers:
        if container not in dict(module.named_children()):
            module.add_module(container, nn.Module())
        module = module.get_submodule(container)
    module.add_module(name, layer)


def _std(init: Init, weight: Tensor) -> float:
    if isinstance(init, NormalInit):
        return init.std
    receptive = weight[0, 0].numel()
    fan_in, fan_out = weight.shape[1] * receptive, weight.shape[0] * receptive
    variance = 1 / fan_in if init.scheme == "kaiming_normal" else 2 / (fan_in + fan_out)
    return float(init.gain * variance**0.5)
