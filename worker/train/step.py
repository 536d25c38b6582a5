"""One optimizer step as a function of tensors: loss, gradients, update, running statistics, and what was measured."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from bn import statistics
from bn.dropout import dropout_noise
from bn.network import Network
from jobs.spec.training import Training


class Measured(NamedTuple):
    """The rows of one step, as bn.statistics lays them out."""

    loss: Tensor  # [loss_layout.width]
    activations: Tensor | None  # [activation_layout.width]


def seed_dropout(seed: int, step: int) -> None:
    """Make what a step's dropout draws a function of (seed, step) alone, so that a run may resume anywhere."""
    torch.manual_seed(int(np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)[0]))


def _total_norm(gradients: tuple[Tensor, ...]) -> Tensor:
    """Over all values of all gradients, in float64: in float32 squares overflow long before the values do."""
    norm: Tensor = torch.stack(torch._foreach_norm(gradients, dtype=torch.float64)).norm()
    return norm


def train_step(
    network: Network,
    optimizer: torch.optim.Optimizer,
    training: Training,
    images: Tensor,
    labels: Tensor,
    sample: int | None,
) -> Measured:
    """Take one step on a mini-batch: images [N, C, H, W] float32, labels [N] int64.

    Everything is measured on this batch before the update, but for the update itself; gradients before they are
    clipped. sample: the most values of a tap's sample; None leaves the inside of the network unmeasured.
    Nothing here waits for the device.
    """
    logits, observed = network.observe(images, dropout_noise(network.plan, len(images), images.device))
    loss = cross_entropy(logits, labels, label_smoothing=training.label_smoothing)
    parameters = tuple(network.parameters())
    gradients = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        correct = (logits.argmax(1) == labels).sum(dtype=torch.float32)
        gradient_norms = statistics.norms(gradients)
        losses = statistics.loss_row(loss, correct, gradient_norms)
        inside = None if sample is None else statistics.activation_row(network, observed, gradient_norms, sample)
        for name, moved in network.moved_running(observed).items():
            network.get_buffer(name).copy_(moved)
        if training.clip_gradient_norm is not None:
            torch._foreach_mul_(gradients, (training.clip_gradient_norm / _total_norm(gradients)).clamp(max=1))
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    if inside is None:
        optimizer.step()
        return Measured(losses, None)
    weights = [weight.detach() for weight in network.weights.values()]
    before = [weight.clone() for weight in weights]
    optimizer.step()
    return Measured(losses, torch.cat([inside, statistics.norms(torch._foreach_sub(before, weights))]))
