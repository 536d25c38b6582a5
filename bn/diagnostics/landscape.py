"""How smooth the loss is along the gradient (Santurkar et al. 2018, section 3.1 and figure 4)."""

import copy
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from bn.diagnostics.probe import Measures, Probe, flat_gradient, observed_loss

MULTIPLES = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)  # of the learning rate

LossAndGradient = Callable[[Tensor], tuple[float, Tensor]]  # of a point [values]


def landscape(probe: Probe) -> Measures:
    """What `along_gradient` says of the network's loss on the probe, in all its trained values at once."""
    network = copy.deepcopy(probe.network)
    parameters = list(network.parameters())

    def loss_and_gradient(point: Tensor) -> tuple[float, Tensor]:
        _move_to(point, parameters)
        loss, _ = observed_loss(probe, network)
        return loss.item(), flat_gradient(loss, parameters)

    start = torch.cat([parameter.detach().flatten().double() for parameter in parameters])
    return along_gradient(loss_and_gradient, start, probe.learning_rate)


def along_gradient(loss_and_gradient: LossAndGradient, start: Tensor, rate: float) -> Measures:
    """The loss and the change of its gradient at the points start - multiple * rate * g, from half to four times.

    `loss_min`, `loss_max`; `gradient_change_min`, `gradient_change_max` of ||g - g'||; and `smoothness`, the largest
    ||g' - g|| / ||multiple * rate * g||: of a quadratic at most the largest eigenvalue of its Hessian.
    Each is NaN where one of the values it is the least or greatest of is. start: [values], float64.
    """
    _, gradient = loss_and_gradient(start)
    losses, changes, slopes = [], [], []
    for multiple in MULTIPLES:
        step = multiple * rate * gradient
        loss, there = loss_and_gradient(start - step)
        change = (there - gradient).norm()
        losses.append(loss)
        changes.append(change.item())
        slopes.append((change / step.norm()).item())
    found, changed = (torch.tensor(values, dtype=torch.float64) for values in (losses, changes))
    return {
        "loss_min": found.min().item(),
        "loss_max": found.max().item(),
        "gradient_change_min": changed.min().item(),
        "gradient_change_max": changed.max().item(),
        "smoothness": torch.tensor(slopes, dtype=torch.float64).max().item(),
    }


@torch.no_grad()
def _move_to(point: Tensor, parameters: Sequence[nn.Parameter]) -> None:
    """Set parameters, of whatever memory format, to the values of a point [values]."""
    parts = torch.split(point, [parameter.numel() for parameter in parameters])
    for parameter, values in zip(parameters, parts, strict=True):
        parameter.copy_(values.view(parameter.shape))
