"""A mini-batch normalized by its own moments, and the gradient of that, in few passes over memory.

There are two ways to the moments, and who calls chooses: `shifted_by_mean` is for eager code, `shifted_by_pilot` for
compiled code, for other things are exact there. Eager sums are pairwise and err little. A compiler fuses all that lies
between two reductions into one pass, but its float32 sums take one value after another, and err: they are of small
values there, and split.
Under torch.func's transforms the same is done by plain operations, which know how to be mapped and differentiated.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from bn.moments import affine, all_but_channels, along_channels, center, exact_mean, scale

PART = 2**18  # values: what a core's own cache holds
GROUP = 32  # examples whose sum is taken before those of other groups are added


Gradients = Callable[[Tensor, Tensor, Tensor | None, Tensor, Tensor], tuple[Tensor, Tensor, Tensor]]
"""Of the output's gradient, the input, the weight, and the mean and inverse sd [C] that it was normalized by: the
gradients of the input, the weight and the bias."""


class Shifted(NamedTuple):
    """An input near zero, where nothing cancels: BN(x + c) = BN(x), so that the shift has no gradient."""

    values: Tensor  # x - shift: [N, C, ...]
    shift: Tensor  # [C]
    mean: Tensor  # of the values that are left: [C]
    variance: Tensor  # biased: [C]
    gradients: Gradients  # the way back


Shift = Callable[[Tensor], Shifted]  # of an input [N, C, ...], float32 or float64


def shifted_by_mean(x: Tensor) -> Shifted:
    """The way for eager code: pairwise sums in the input's own type, and a correction of the first mean."""
    dims = all_but_channels(x)
    shift = x.detach().mean(dims)
    values = x - along_channels(shift, x)
    mean = exact_mean(values.detach(), dims)
    variance = torch.addcmul(_mean_square(values.detach()), mean, mean, value=-1).clamp_(min=0)
    return Shifted(values, shift, mean, variance, _gradients_by_kernel)


def shifted_by_pilot(x: Tensor) -> Shifted:
    """The way for compiled code: the shift is found in what each value has over its channel's first, the pilot.

    That is small where the mean is large, and exactly 0 where the channel is constant.
    """
    fixed = x.detach()
    pilot = fixed[0].flatten(1)[:, 0] if x.dim() > 2 else fixed[0]
    shift = pilot + _split_mean(fixed - along_channels(pilot, x))
    values = x - along_channels(shift, x)
    mean = _split_mean(values.detach())
    variance = (_split_mean(values.detach().square()) - mean.square()).clamp(min=0)
    return Shifted(values, shift, mean, variance, _gradients_by_split_sums)


def normalized(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, epsilon: float, shifted: Shift
) -> tuple[Tensor, Tensor, Tensor]:
    """The output [N, C, ...] with the mean and biased variance [C] that it is normalized by, which have no gradient.

    x: [N, C, ...], float32 or float64; weight, bias: [C], or None for 1 and 0; shifted: the way to the moments.
    """
    if torch._C._are_functorch_transforms_active():
        deviations, mean, variance = center(x)
        output = affine(deviations, torch.rsqrt(variance + epsilon), weight, bias)
        return output, mean.detach(), variance.detach()
    near = shifted(x)
    inverse_sd = torch.rsqrt(near.variance + epsilon)
    output = _Transform.apply(near.values, weight, bias, near.mean, inverse_sd, epsilon, near.gradients)  # type: ignore[no-untyped-call]  # declared so in torch
    return output, near.shift + near.mean, near.variance


def _split_mean(x: Tensor) -> Tensor:
    """The mean of each channel [C], summed over locations, then over groups of examples, then over those.

    Three short sums in float32 err less than one long one, and take a fraction of the time of one in float64.
    """
    if x.dim() == 2:
        return x.mean(0)
    of_examples = _of_examples(x)
    missing = -len(x) % GROUP
    grouped = pad(of_examples, (0, 0, 0, missing)).view(-1, GROUP, x.shape[1])
    return grouped.sum(1).sum(0) / len(x)


def _mean_square(x: Tensor) -> Tensor:
    """Of each channel: [C]. In parts, for the squares of many values would be one more buffer to fill."""
    if x.is_cuda:  # where every part would be two kernels to launch
        return exact_mean(x.square(), all_but_channels(x))
    if x.numel() <= PART:
        return _of_examples(x.square()).mean(0)
    parts = torch.split(x, max(1, PART // x[0].numel()))
    return torch.stack([_of_examples(part.square()).sum(0) for part in parts]).sum(0) / len(x)


def _of_examples(x: Tensor) -> Tensor:
    """The mean over locations, [N, C]: one sum over them and over examples errs more than two."""
    return x if x.dim() == 2 else x.mean(tuple(range(2, x.dim())))


class _Transform(torch.autograd.Function):
    """(x, weight, bias, mean, inverse_sd, epsilon) -> output, where mean and inverse_sd are x's own: [C]."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        mean: Tensor,
        inverse_sd: Tensor,
        epsilon: float,
        gradients: Gradients,
    ) -> Tensor:
        ctx.save_for_backward(x, weight, mean, inverse_sd)
        ctx.has_bias, ctx.epsilon, ctx.gradients = bias is not None, epsilon, gradients
        output = (x - along_channels(mean, x)).mul_(along_channels(scale(inverse_sd, weight), x))
        return output if bias is None else output.add_(along_channels(bias, x))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,) = gradients
        x, weight, mean, inverse_sd = ctx.saved_tensors
        if torch.is_grad_enabled():  # somebody wants second derivatives
            into_x, into_weight, into_bias = _differentiable_gradients(gradient, x, weight, ctx.epsilon)
        else:
            into_x, into_weight, into_bias = ctx.gradients(gradient, x, weight, mean, inverse_sd)
        return into_x, None if weight is None else into_weight, into_bias if ctx.has_bias else None, *(None,) * 4


def _gradients_by_kernel(
    gradient: Tensor, x: Tensor, weight: Tensor | None, mean: Tensor, inverse_sd: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Those of the input, the weight and the bias, by torch's own kernel, whose sums are pairwise."""
    found: tuple[Tensor, Tensor, Tensor] = torch.ops.aten.native_batch_norm_backward(
        *(gradient, x, weight, None, None, mean, inverse_sd, True, 0.0), [True, True, True]
    )
    return found


def _gradients_by_split_sums(
    gradient: Tensor, x: Tensor, weight: Tensor | None, mean: Tensor, inverse_sd: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The same, of operations that are fused, with sums that err little there. Ioffe and Szegedy 2015, section 3."""
    num_values = x.numel() // x.shape[1]
    normalized = (x - along_channels(mean, x)) * along_channels(inverse_sd, x)
    of_weight, of_bias = _split_mean(gradient * normalized), _split_mean(gradient)
    removed = along_channels(of_bias, x) + normalized * along_channels(of_weight, x)
    into_x = along_channels(scale(inverse_sd, weight), x) * (gradient - removed)
    return into_x, of_weight * num_values, of_bias * num_values


def _differentiable_gradients(
    gradient: Tensor, x: Tensor, weight: Tensor | None, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Those of the input, the weight and the bias, of operations that have derivatives of their own.

    Ioffe and Szegedy 2015, section 3.
    """
    dims, num_values = all_but_channels(x), x.numel() // x.shape[1]
    deviations, _, variance = center(x)
    inverse_sd = torch.rsqrt(variance + epsilon)
    normalized = deviations * along_channels(inverse_sd, x)
    into_weight, into_bias = (gradient * normalized).sum(dims), gradient.sum(dims)
    removed = along_channels(into_bias, x) + normalized * along_channels(into_weight, x)
    into_x = along_channels(scale(inverse_sd, weight), x) * (gradient - removed / num_values)
    return into_x, into_weight, into_bias
