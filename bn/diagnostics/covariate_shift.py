"""Internal covariate shift: how much a layer's gradient turns when only the layers before it are updated.

Santurkar et al. 2018, definition 2.1: with G_i the gradient of layer i's weights at a step, and G'_i the same on the
same examples after the layers before i took the step's update, the shift is ||G_i - G'_i||.
"""

import copy

import torch
from torch import Tensor

from bn.diagnostics.probe import Measures, Probe, flat_gradient, observed_loss
from bn.network import LayerModule, Network


def covariate_shift(probe: Probe) -> Measures:
    """Of each layer with weights: `shift` = ||G - G'|| and `cosine` between G and G'; of the first one 0 and 1.

    The update is that which the run's own optimizer makes of the gradient on the probe. Layers come in the order in
    which they give their outputs.
    """
    network = probe.network
    loss, _ = observed_loss(probe, network)
    gradients = torch.autograd.grad(loss, list(network.parameters()))
    named = dict(zip(network.parameter_names, gradients, strict=True))
    before = {layer: named[name] for layer, name in network.weight_names.items()}
    updated, mixed = _updated(probe, gradients), copy.deepcopy(network)
    found: Measures = {}
    for layer, new in zip(mixed.layers, updated.layers, strict=True):
        if layer.name in before:
            after = flat_gradient(observed_loss(probe, mixed)[0], [mixed.weights[layer.name]])
            shift, cosine = compared(before[layer.name].flatten().double(), after)
            found |= {f"{layer.name}.shift": shift, f"{layer.name}.cosine": cosine}
        _take_over(layer, new)
    return found


def compared(g: Tensor, other: Tensor) -> tuple[float, float]:
    """The distance of two gradients [values], and the cosine of the angle between them."""
    cosine = torch.dot(g, other) / (g.norm() * other.norm())
    return (g - other).norm().item(), cosine.item()


@torch.no_grad()
def _updated(probe: Probe, gradients: tuple[Tensor, ...]) -> Network:
    """A copy of the network after its optimizer's step along these gradients."""
    network = copy.deepcopy(probe.network)
    for parameter, after in zip(network.parameters(), probe.stepped(gradients), strict=True):
        parameter.copy_(after)
    return network


@torch.no_grad()
def _take_over(layer: LayerModule, updated: LayerModule) -> None:
    for mine, its in zip(_own_parameters(layer), _own_parameters(updated), strict=True):
        mine.copy_(its)


def _own_parameters(layer: LayerModule) -> list[Tensor]:
    """Without those of the layers that it holds."""
    parts = (part for part in (layer.transform, layer.batch_norm) if part is not None)
    return [parameter for part in parts for parameter in part.parameters()]
