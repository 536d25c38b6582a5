"""One training step as a pure function of tensors: loss, gradients, update, running moments, and what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from bn.network import Network
from bn.step_rows import Losses, Norms, activation_row, loss_row, norms
from bn.transform import Shift, shifted_by_mean
from worker.train.data import inputs_of
from worker.train.optimizers import Dials, Memory, Rule, Tensors, updated


class Learned(NamedTuple):
    """What a step changes."""

    parameters: dict[str, Tensor]  # by name, in the network's order
    buffers: dict[str, Tensor]  # by name
    memory: Memory  # the optimizer's

    @property
    def tensors(self) -> dict[str, Tensor]:
        """The network's, by name, as a state dict has them."""
        return self.parameters | self.buffers


class Batch(NamedTuple):
    """What a step is taken on."""

    pixels: Tensor  # [N, C, H, W] uint8, whitened ones float32, or [N, F] float32
    shift: Tensor  # [1, C, 1, 1], [1, C, H, W] or [1, F]: how pixels become the network's input, as `inputs_of` has it
    scale: Tensor
    labels: Tensor  # [N] int64
    noise: Mapping[str, Tensor]  # what was drawn, as bn.noise has it


@dataclass(frozen=True)
class Fixed:
    """What is the same at every step."""

    network: Network  # its layers alone: it holds the tensors that a step is given
    rule: Rule
    label_smoothing: float
    clip_gradient_norm: float | None
    frozen: frozenset[str] = frozenset()  # parameters that are not trained: their gradient is 0
    shifted: Shift = shifted_by_mean  # the way to the moments of a batch


class Measured(NamedTuple):
    """The rows of one step, as bn.step_rows lays them out."""

    loss: Tensor  # [loss_layout.width]
    activations: Tensor | None  # [activation_layout.width]


def train_step(
    fixed: Fixed, before: Learned, batch: Batch, dials: Dials, sample: int | None
) -> tuple[Learned, Measured]:
    """What is learned once a step is taken on a mini-batch, and what was measured; nothing that is given changes.

    Everything is measured on this batch before the update, but for the update itself; gradients before they are
    clipped. sample: the most values of a tap's sample; None leaves the inside of the network unmeasured.
    Nothing here waits for the device.
    """
    trained = leaves(before.parameters)
    with fixed.network.holding(trained | before.buffers) as network:
        images = inputs_of(batch.pixels, batch.shift, batch.scale)
        logits, observed = network.observe(images, batch.noise, fixed.shifted)
        loss = cross_entropy(logits, batch.labels, label_smoothing=fixed.label_smoothing)
        gradients = torch.autograd.grad(loss, tuple(trained.values()))
        with torch.no_grad():
            gradients = _of_trained(fixed, trained, gradients)
            parameters, memory = _updated(fixed, before, gradients, dials)
            after = Learned(parameters, before.buffers | network.moved_running(observed), memory)
            correct = (logits.argmax(1) == batch.labels).sum(dtype=torch.float32)
            gradient_norms = norms(gradients)
            losses = loss_row(Losses(loss, correct, gradient_norms))
            if sample is None:
                return after, Measured(losses, None)
            old, new = (_weights(network, each.parameters) for each in (before, after))
            whole = Norms(norms(old), gradient_norms, norms(torch._foreach_sub(old, new)))
            return after, Measured(losses, activation_row(network, observed, whole, sample))


def leaves(parameters: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same values, of which gradients can be taken."""
    return {name: parameter.detach().requires_grad_() for name, parameter in parameters.items()}


def _of_trained(fixed: Fixed, parameters: Mapping[str, Tensor], gradients: Tensors) -> Tensors:
    """The gradients, 0 where a parameter is frozen: it does not decay either, so that no rule moves it by a bit."""
    if not fixed.frozen:
        return gradients
    each = zip(parameters, gradients, strict=True)
    return tuple(torch.zeros_like(gradient) if name in fixed.frozen else gradient for name, gradient in each)


def _updated(fixed: Fixed, before: Learned, gradients: Tensors, dials: Dials) -> tuple[dict[str, Tensor], Memory]:
    if fixed.clip_gradient_norm is not None:
        gradients = torch._foreach_mul(gradients, (fixed.clip_gradient_norm / _total_norm(gradients)).clamp(max=1))
    parameters, memory = updated(fixed.rule, tuple(before.parameters.values()), gradients, before.memory, dials)
    return dict(zip(before.parameters, parameters, strict=True)), memory


def _weights(network: Network, parameters: Mapping[str, Tensor]) -> Tensors:
    return tuple(parameters[name] for name in network.weight_names.values())


def _total_norm(gradients: Tensors) -> Tensor:
    """Over all values of all gradients, in float64: in float32 squares overflow long before the values do."""
    norm: Tensor = torch.stack(torch._foreach_norm(gradients, dtype=torch.float64)).norm()
    return norm
