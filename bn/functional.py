"""Batch normalization as pure functions of tensors: moments, the transform, the running update.

Channels are dimension 1. A channel's values in x [N, C, ...] are the m = N * locations values x[:, c].
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Normalized(NamedTuple):
    """What a mini-batch becomes, and the moments that it was normalized by."""

    output: Tensor  # [N, C, ...], in the input's type
    mean: Tensor  # [C], at least float32
    variance: Tensor  # [C], biased, at least float32


def center(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Each value minus its channel's mean, with the channel's mean and biased variance.

    x: [N, C, ...]. Returns deviations [N, C, ...], mean [C], variance [C], all at least float32.
    Corrected two-pass: the first mean is off by its rounding, and the mean of what remains says by how much;
    exact where E[x^2] - E[x]^2 cancels (mean 1e4, sd 0.1), and exactly 0 for a constant channel.
    """
    x = x.to(_accumulator(x.dtype))
    dims = _reduced(x)
    # BN(x + c) = BN(x): nothing flows back through the first shift, so autograd need not know of it.
    shift = x.detach().mean(dims, keepdim=True)
    shifted = x - shift
    correction = shifted.mean(dims, keepdim=True)
    deviations = shifted - correction
    variance = deviations.square().mean(dims)
    return deviations, (shift + correction).flatten(), variance


def batch_moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Each channel's mean and biased variance over everything but dimension 1.

    x: [N, C, ...]. Returns mean [C], variance [C], both at least float32.
    """
    _, mean, variance = center(x)
    return mean, variance


def normalize_batch(x: Tensor, weight: Tensor | None, bias: Tensor | None, epsilon: float) -> Normalized:
    """Normalize a mini-batch by its own moments: y = weight * (x - mean) / sqrt(variance + epsilon) + bias.

    x: [N, C, ...]; weight, bias: [C] or None for 1 and 0. Ioffe and Szegedy 2015, algorithm 1.
    Raises ValueError where a channel has a single value: its output would be the bias whatever comes in.
    """
    num_values = x.numel() // max(x.shape[1], 1)
    if num_values == 1:
        raise ValueError(f"batch normalization needs more than one value a channel, got {list(x.shape)}")
    deviations, mean, variance = center(x)
    output = _affine(deviations, torch.rsqrt(variance + epsilon), weight, bias)
    return Normalized(output.to(x.dtype), mean, variance)


def normalize(
    x: Tensor, mean: Tensor, variance: Tensor, weight: Tensor | None, bias: Tensor | None, epsilon: float
) -> Tensor:
    """Normalize by given moments, as inference does: a fixed affine map of each channel.

    x: [N, C, ...]; mean, variance, weight, bias: [C]. Ioffe and Szegedy 2015, algorithm 2, step 11.
    """
    deviations = x.to(_accumulator(x.dtype)) - _along_channels(mean, x)
    return _affine(deviations, torch.rsqrt(variance + epsilon), weight, bias).to(x.dtype)


def updated_running(
    running_mean: Tensor,
    running_var: Tensor,
    mean: Tensor,
    variance: Tensor,
    *,
    num_values: int,
    decay: float,
    unbiased: bool,
) -> tuple[Tensor, Tensor]:
    """The running mean and variance after one more mini-batch: decay * old + (1 - decay) * new.

    All tensors [C]; num_values: m, a channel's values. `variance` is biased, and enters times m/(m-1) when `unbiased`.
    A channel whose moments are not finite keeps its old values.
    """
    if unbiased:
        variance = variance * (num_values / (num_values - 1))
    finite = torch.isfinite(mean + variance)
    mean = torch.where(finite, mean.to(running_mean.dtype), running_mean)
    variance = torch.where(finite, variance.to(running_var.dtype), running_var)
    return torch.lerp(running_mean, mean, 1 - decay), torch.lerp(running_var, variance, 1 - decay)


def gaps(
    mean: Tensor, variance: Tensor, running_mean: Tensor, running_var: Tensor, epsilon: float
) -> tuple[Tensor, Tensor]:
    """How far statistics are from the running ones: the channels' largest |mean - running| / sigma and |log ratio|.

    All tensors [..., C]; returns two of [...], float64. Variances are as BN uses them, epsilon included.
    """
    running = running_var.double() + epsilon
    gap = (mean.double() - running_mean.double()).abs() / running.sqrt()
    ratio = ((variance.double() + epsilon) / running).log().abs()
    return gap.amax(-1), ratio.amax(-1)


def _affine(deviations: Tensor, inverse_sd: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    scale = inverse_sd if weight is None else inverse_sd * weight
    scaled_by = _along_channels(scale, deviations)
    if bias is None:
        return deviations * scaled_by
    return torch.addcmul(_along_channels(bias, deviations), deviations, scaled_by)


def _accumulator(dtype: torch.dtype) -> torch.dtype:
    return torch.promote_types(dtype, torch.float32)


def _reduced(x: Tensor) -> list[int]:
    return [0, *range(2, x.dim())]


def _along_channels(vector: Tensor, like: Tensor) -> Tensor:
    return vector.view(1, -1, *(1,) * (like.dim() - 2))
