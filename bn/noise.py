"""What is drawn at random for a training step, as tensors: a forward pass that is given them depends on nothing else.

Dropout draws, and batch normalization with noise behind it.
"""

import torch
from torch import Tensor
from torch.nn.functional import dropout

from bn.architecture.layers import Dropout
from bn.architecture.normalization import Noise
from bn.architecture.plan import Plan
from bn.moments import along_channels


def noise_of(plan: Plan, num_examples: int, device: torch.device) -> dict[str, Tensor]:
    """What each layer that draws is given for a mini-batch, by the layer's name, drawn layer after layer.

    Of dropout [N, *input], 0 or 1 / (1 - rate), by which it multiplies; of a noisy batch normalization [2, C], each
    channel's scale and shift, as `noisy` applies them. torch's own generator draws, as for its own dropout in a pass.
    """
    drawn: dict[str, Tensor] = {}
    for placed in plan.layers:
        if isinstance(placed.layer, Dropout):
            drawn[placed.name] = dropout(_ones((num_examples, *placed.input), device), placed.layer.rate)
        elif placed.noise is not None:
            drawn[placed.name] = _scales_and_shifts(placed.noise, placed.output[0], device)
    return drawn


def noisy(x: Tensor, drawn: Tensor) -> Tensor:
    """drawn[0] * x + drawn[1] of each channel: x [N, C, ...], drawn [2, C]."""
    scale, shift = (along_channels(values, x) for values in drawn.unbind())
    return torch.addcmul(shift, x, scale)


def _scales_and_shifts(noise: Noise, channels: int, device: torch.device) -> Tensor:
    """[2, C]: from U(1, 1 + noise.scale), and from U(-noise.mean, noise.mean)."""
    scale, shift = torch.rand(2, channels, device=device).unbind()
    return torch.stack([1 + noise.scale * scale, noise.mean * (2 * shift - 1)])


def _ones(shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Laid out in memory as a forward pass lays its values out."""
    layout = torch.channels_last if len(shape) == 4 else torch.contiguous_format
    return torch.ones(shape, device=device).contiguous(memory_format=layout)
