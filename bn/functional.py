"""Batch normalization as pure functions of tensors: the transform in training and inference, the running update.

Channels are dimension 1. A channel's values in x [N, C, ...] are the m = N * locations values x[:, c].
"""

from typing import NamedTuple

import torch
from torch import Tensor

from bn.moments import affine, along_channels, at_least_float32
from bn.transform import Shift, normalized, shifted_by_mean


class Normalized(NamedTuple):
    """What a mini-batch becomes, and the moments that it was normalized by."""

    output: Tensor  # [N, C, ...], in the input's type
    mean: Tensor  # [C], at least float32
    variance: Tensor  # [C], biased, at least float32


def normalize_batch(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, epsilon: float, shifted: Shift = shifted_by_mean
) -> Normalized:
    """Normalize a mini-batch by its own moments: y = weight * (x - mean) / sqrt(variance + epsilon) + bias.

    x: [N, C, ...]; weight, bias: [C] or None for 1 and 0. Ioffe and Szegedy 2015, algorithm 1.
    shifted: the way to the moments; in compiled code `shifted_by_pilot` is the exact one.
    Gradients, first and second, flow through the output; the moments are values.
    Raises ValueError where a channel has a single value: its output would be the bias whatever comes in.
    """
    num_values = x.numel() // max(x.shape[1], 1)
    if num_values == 1:
        raise ValueError(f"batch normalization needs more than one value a channel, got {list(x.shape)}")
    output, mean, variance = normalized(at_least_float32(x), weight, bias, epsilon, shifted)
    return Normalized(output.to(x.dtype), mean, variance)


def normalize(
    x: Tensor, mean: Tensor, variance: Tensor, weight: Tensor | None, bias: Tensor | None, epsilon: float
) -> Tensor:
    """Normalize by given moments, as inference does: a fixed affine map of each channel.

    x: [N, C, ...]; mean, variance, weight, bias: [C]. Ioffe and Szegedy 2015, algorithm 2, step 11.
    """
    deviations = at_least_float32(x) - along_channels(mean, x)
    return affine(deviations, torch.rsqrt(variance + epsilon), weight, bias).to(x.dtype)


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
