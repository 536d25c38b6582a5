"""What dropout draws, as tensors: a forward pass that is given them is a function of its inputs alone."""

import torch
from torch import Tensor
from torch.nn.functional import dropout

from bn.architecture.layers import Dropout
from bn.architecture.plan import Plan


def dropout_noise(plan: Plan, num_examples: int, device: torch.device) -> dict[str, Tensor]:
    """What each dropout layer multiplies a mini-batch by, by the layer's name: [N, *input], 0 or 1 / (1 - rate).

    torch's own generator draws it, layer after layer, as it does for torch's own dropout in a forward pass.
    """
    dropping = (
        (placed.name, placed.layer, placed.input) for placed in plan.layers if isinstance(placed.layer, Dropout)
    )
    return {name: dropout(_ones((num_examples, *shape), device), layer.rate) for name, layer, shape in dropping}


def _ones(shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Laid out in memory as a forward pass lays its values out."""
    layout = torch.channels_last if len(shape) == 4 else torch.contiguous_format
    return torch.ones(shape, device=device).contiguous(memory_format=layout)
