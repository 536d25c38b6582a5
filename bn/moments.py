"""The mean and variance of each channel, and what it takes to speak of channels.

Channels are dimension 1. A channel's values in x [N, C, ...] are the m = N * locations values x[:, c].
"""

from math import prod

import torch
from torch import Tensor


def center(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Each value minus its channel's mean, with the channel's mean and biased variance; all of it differentiable.

    x: [N, C, ...]. Returns deviations [N, C, ...], mean [C], variance [C], all at least float32.
    Corrected two-pass: the first mean is off by its rounding, and the mean of what remains says by how much;
    exact where E[x^2] - E[x]^2 cancels (mean 1e4, sd 0.1), and exactly 0 for a constant channel.
    """
    x = at_least_float32(x)
    dims = all_but_channels(x)
    # BN(x + c) = BN(x): nothing flows back through the first shift, so autograd need not know of it.
    shift = x.detach().mean(dims, keepdim=True)
    shifted = x - shift
    correction = exact_mean(shifted, dims, keepdim=True)
    deviations = shifted - correction
    variance = deviations.square().mean(dims)
    return deviations, (shift + correction).flatten(), variance


def batch_moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Each channel's mean and biased variance over everything but dimension 1.

    x: [N, C, ...]. Returns mean [C], variance [C], both at least float32.
    """
    _, mean, variance = center(x)
    return mean, variance


def exact_mean(x: Tensor, dims: list[int], *, keepdim: bool = False) -> Tensor:
    """The mean over dimensions, of equal values that value where their sum is exact.

    A GPU multiplies by a rounded 1/n, both for torch's mean and to divide by a number; by a tensor it divides.
    """
    if not x.is_cuda:
        return x.mean(dims, keepdim=keepdim)
    total = x.sum(dims, keepdim=keepdim)
    return total / torch.full((), prod(x.shape[dim] for dim in dims), dtype=total.dtype, device=total.device)


def at_least_float32(x: Tensor) -> Tensor:
    """The same values in a type that statistics can be computed in."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def all_but_channels(x: Tensor) -> list[int]:
    """The dimensions that a statistic of each channel is over."""
    return [0, *range(2, x.dim())]


def affine(deviations: Tensor, inverse_sd: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """weight * deviations * inverse_sd + bias; deviations: [N, C, ...], the rest [C], or None for 1 and 0."""
    scaled_by = along_channels(scale(inverse_sd, weight), deviations)
    if bias is None:
        return deviations * scaled_by
    return torch.addcmul(along_channels(bias, deviations), deviations, scaled_by)


def scale(inverse_sd: Tensor, weight: Tensor | None) -> Tensor:
    """What a deviation is multiplied by, in each channel: [C]."""
    return inverse_sd if weight is None else inverse_sd * weight


def along_channels(vector: Tensor, like: Tensor) -> Tensor:
    """A value for each channel [C], in a shape that broadcasts against `like` [N, C, ...]."""
    return vector if like.dim() == 2 else vector.view(1, -1, *(1,) * (like.dim() - 2))
