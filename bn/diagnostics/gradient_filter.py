"""How much of the gradient batch normalization takes away on its way back."""

from dataclasses import replace

import torch
from torch import Tensor

from bn.diagnostics.probe import Measures, Probe, observed_loss


def gradient_filter(probe: Probe) -> Measures:
    """Of each BN: `share_mean`, `share_min`, `share_max` over its channels of what `removed_share` gives.

    Channels that no gradient reaches do not count; where that is all of them, the measures are NaN.
    """
    norms = {name: norm for name, norm in probe.network.batch_norms.items() if not norm.frozen}
    # A BN without scale and shift in front of all weights has a gradient only where the images have one.
    probe = replace(probe, images=probe.images.detach().requires_grad_())
    loss, observed = observed_loss(probe, probe.network)
    outputs = [observed.moments[name].output for name in norms]
    weights = [norm.weight for norm in norms.values() if norm.weight is not None]
    gradients = iter(torch.autograd.grad(loss, [*outputs, *weights]))
    of_outputs = [next(gradients) for _ in outputs]
    found: Measures = {}
    for (name, norm), y, g in zip(norms.items(), outputs, of_outputs, strict=True):
        variance = observed.moments[name].variance.detach().double()
        dims = [0, *range(2, g.dim())]
        # <g, xhat> is the gradient of the scale; without one, y is xhat.
        along = (g * y).sum(dims) if norm.weight is None else next(gradients)
        share = removed_share(
            g.sum(dims).double(),
            along.detach().double(),
            g.double().square().sum(dims),
            variance / (variance + norm.eps),
            g.numel() // g.shape[1],
        )
        share = share[torch.isfinite(share)]
        measured = share if len(share) else torch.tensor([torch.nan])
        found[f"{name}.share_mean"] = measured.mean().item()
        found[f"{name}.share_min"] = measured.min().item()
        found[f"{name}.share_max"] = measured.max().item()
    return found


def removed_share(sum_g: Tensor, along: Tensor, square: Tensor, s: Tensor, num_values: int) -> Tensor:
    """(<1,g>^2 + (2 - s) <g,xhat>^2) / (m ||g||^2) of each channel: what of ||g||^2 does not reach the input.

    With g = dl/dy over a channel's m values: sum_g = <1,g>, along = <g,xhat>, square = ||g||^2, and
    s = var / (var + epsilon): all [C]. Returns [C], NaN where the gradient is 0.
    With sigma'^2 = var + epsilon and gamma the scale, ||dl/dx||^2 = gamma^2 / sigma'^2 * ||g||^2 * (1 - share).
    """
    return (sum_g.square() + (2 - s) * along.square()) / (num_values * square)
