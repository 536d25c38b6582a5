"""What a diagnostic looks at, and how it looks without leaving a trace."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from bn.network import Network, Observed, inference

Measures = dict[str, float]
"""By name: `<layer>.<measure>`, or `<measure>` alone where it is of the whole network."""


@dataclass(frozen=True)
class Turning:
    """What an optimizer makes of a rate in front of BN: times * factor * rate / ||w||^power, by default as plain SGD.

    van Laarhoven 2017, section 3: momentum adds each gradient up to 1 / (1 - momentum) times in the long run; the steps
    of Adam do not depend on the gradient's length.
    """

    times: float = 1.0
    power: int = 2
    factors: Mapping[str, float] = field(default_factory=dict)  # of the rate, by layer; elsewhere 1


@dataclass(frozen=True)
class Probe:
    """A network in the midst of its training, and fixed examples to look at it with.

    A diagnostic changes nothing of it: it draws no random numbers, updates copies, and takes gradients without
    touching `.grad`. BN normalizes the examples by their own moments, and dropout drops nothing.
    """

    network: Network
    learning_rate: float  # of the step that was taken last
    stepped: Callable[[tuple[Tensor, ...]], Iterable[Tensor]]  # the parameters after a step along these gradients
    loss: Callable[[Tensor, Tensor], Tensor]  # of logits [N, classes] and labels [N]: a scalar
    images: Tensor  # [N, C, H, W]: training examples
    labels: Tensor  # [N]
    batches: Callable[[], Iterable[Tensor]]  # training mini-batches [N, C, H, W], anew at each call
    test: Callable[[], tuple[Tensor, Tensor]]  # the test set's images [M, C, H, W] and labels [M]
    turning: Turning = Turning()
    alive: Callable[[], None] = lambda: None  # called whenever a part is done of what takes long


def observed_loss(probe: Probe, network: Network) -> tuple[Tensor, Observed]:
    """The loss on the probe's examples, normalized by their own moments, with what was seen on the way."""
    with inference(network):
        logits, observed = network.observe(probe.images)
    probe.alive()
    return probe.loss(logits, probe.labels), observed


def flat_gradient(loss: Tensor, tensors: Iterable[Tensor]) -> Tensor:
    """The gradient of a loss in all tensors, one behind the other, in float64: [values]."""
    return torch.cat([gradient.flatten().double() for gradient in torch.autograd.grad(loss, list(tensors))])
