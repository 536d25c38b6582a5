"""Internal covariate shift: how much a layer's gradient turns when only the layers before it are updated.

Santurkar et al. 2018, definition 2.1: with G_i the gradient of layer i's weights at a step, and G'_i the same on the
same examples after the layers before i took the step's update, the shift is ||G_i - G'_i||.
"""

import copy

import torch
from torch import Tensor, nn

from bn.diagnostics.probe import Measures, Probe, flat_gradient, observed_loss
from bn.network import Layer, Network


def covariate_shift(probe: Probe) -> Measures:
    """Of each layer with weights: `shift` = ||G - G'|| and `cosine` between G and G'; of the first one 0 and 1.

    The update is that which the run's own optimizer makes of the gradient on the probe. Layers come in the order in
    which they give their outputs.
    """
    network = probe.network
    loss, _ = observed_loss(probe, network)
    before = dict(zip(network.weights, torch.autograd.grad(loss, list(network.weights.values())), strict=True))
    updated, mixed = _updated(probe), copy.deepcopy(network)
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


def _updated(probe: Probe) -> Network:
    """A copy of the network after its optimizer's step along the gradient on the probe."""
    network, optimizer = copy.deepcopy((probe.network, probe.optimizer))
    parameters = list(network.parameters())
    gradients = torch.autograd.grad(observed_loss(probe, network)[0], parameters)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    optimizer.step()
    return network


@torch.no_grad()
def _take_over(layer: Layer, updated: Layer) -> None:
    for mine, its in zip(_own_parameters(layer), _own_parameters(updated), strict=True):
        mine.copy_(its)


def _own_parameters(layer: Layer) -> list[nn.Parameter]:
    """Without those of the layers that it holds."""
    parts = (part for part in (layer.transform, layer.batch_norm) if part is not None)
    return [parameter for part in parts for parameter in part.parameters()]
