"""What a diagnostic looks at, and how it looks without leaving a trace."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from bn.network import Network, Observed

Measures = dict[str, float]
"""By name: `<layer>.<measure>`, or `<measure>` alone where it is of the whole network."""


@dataclass(frozen=True)
class Probe:
    """A network in the midst of its training, and fixed examples to look at it with.

    A diagnostic changes nothing of it: it draws no random numbers, updates copies, and takes gradients without
    touching `.grad`. BN normalizes the examples by their own moments, and dropout drops nothing.
    """

    network: Network
    optimizer: torch.optim.Optimizer
    loss: Callable[[Tensor, Tensor], Tensor]  # of logits [N, classes] and labels [N]: a scalar
    images: Tensor  # [N, C, H, W]: training examples
    labels: Tensor  # [N]
    batches: Callable[[], Iterable[Tensor]]  # training mini-batches [N, C, H, W], anew at each call
    test_images: Tensor
    test_labels: Tensor

    @property
    def learning_rate(self) -> float:
        """Of the step that was taken last."""
        return float(self.optimizer.param_groups[0]["lr"])


@contextmanager
def inference(network: Network) -> Iterator[Network]:
    """The network in evaluation mode, and in the mode that it was in when that is over."""
    was_training = network.training
    network.eval()
    try:
        yield network
    finally:
        network.train(was_training)


def observed_loss(probe: Probe, network: Network) -> tuple[Tensor, Observed]:
    """The loss on the probe's examples, normalized by their own moments, with what was seen on the way."""
    with inference(network):
        logits, observed = network.observe(probe.images)
    return probe.loss(logits, probe.labels), observed


def flat_gradient(loss: Tensor, tensors: Iterable[Tensor]) -> Tensor:
    """The gradient of a loss in all tensors, one behind the other, in float64: [values]."""
    return torch.cat([gradient.flatten().double() for gradient in torch.autograd.grad(loss, list(tensors))])
