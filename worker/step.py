"""One optimizer step as a function of tensors: loss, gradients, update, running statistics, and what was measured."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from bn import statistics
from bn.network import Network


class Measured(NamedTuple):
    """The rows of one step, as bn.statistics lays them out."""

    loss: Tensor  # [loss_layout.width]
    activations: Tensor | None  # [activation_layout.width]


def train_step(
    network: Network,
    optimizer: torch.optim.Optimizer,
    images: Tensor,
    labels: Tensor,
    sample: int | None,
) -> Measured:
    """Take one step on a mini-batch: images [N, C, H, W] float32, labels [N] int64.

    Everything is measured on this batch before the update. sample: the most values of a tap's sample; None leaves the
    inside of the network unmeasured. Nothing here waits for the device.
    """
    logits, observed = network.observe(images)
    loss = cross_entropy(logits, labels)
    parameters = tuple(network.parameters())
    gradients = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        correct = (logits.argmax(1) == labels).sum(dtype=torch.float32)
        norms = statistics.norms(gradients)
        measured = Measured(
            statistics.loss_row(loss, correct, norms),
            None if sample is None else statistics.activation_row(network, observed, norms, sample),
        )
        network.update_running(observed)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    optimizer.step()
    return measured
