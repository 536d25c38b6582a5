"""The maps between consecutive normalized vectors, by their singular values.

Ioffe and Szegedy 2015, section 3.3, conjecture that batch normalization brings them close to 1, which would keep the
length of a gradient on its way back. Yang et al. 2019 show that at the start it does not. In a network without batch
normalization the inputs of its nonlinearities, normalized for this alone, are the control.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import jacrev

from bn.architecture.measures import Pair, pairs
from bn.architecture.plan import Placed
from bn.diagnostics.probe import Measures, Probe, observed_loss
from bn.functional import Normalized
from bn.moments import batch_moments
from bn.network import LayerModule, Network, Observed, inference

EPSILON = 1e-5  # by which the control is normalized
EXAMPLES = 8  # of the probe, at each of which a Jacobian is taken


def jacobian(probe: Probe) -> Measures:
    """`min`, `median`, `max` and `rms` of the singular values at each BN behind another one, and how many are near 1.

    `share_near_one` is the share within [1/2, 2], `share_random` that of random matrices that are as large and let as
    many inputs through: what is not above it is chance. The map goes from the one's normalized vector to the other's,
    with the statistics frozen at the probe's; its singular values at a few examples are taken together. Vectors of more
    than 1,024 values have none. Of a network without BN, the same between its nonlinearities' normalized inputs.
    """
    with torch.no_grad():
        _, observed = observed_loss(probe, probe.network)
    found: Measures = {}
    with inference(probe.network) as network:
        for pair in pairs(network.plan):
            start, end = (_seen(observed, placed, pair) for placed in (pair.start, pair.end))
            scale = _scale(network, pair, start)
            between = _between(network, pair, end)
            matrices = [_of_example(probe, between, y, scale) for y in start.output[:EXAMPLES]]
            values = torch.cat([singular_values(matrix) for matrix in matrices])
            at_random = torch.cat([singular_values(random_like(matrix, seed)) for seed, matrix in enumerate(matrices)])
            measured = {
                "min": values.min(),
                "median": values.median(),
                "max": values.max(),
                "rms": values.square().mean().sqrt(),
                "share_near_one": share_near_one(values),
                "share_random": share_near_one(at_random),
            }
            found |= {f"{pair.end.name}.{measure}": value.item() for measure, value in measured.items()}
    return found


def _of_example(probe: Probe, between: Callable[[Tensor], Tensor], y: Tensor, scale: Tensor) -> Tensor:
    probe.alive()
    return matrix_of(between, y, scale)


def matrix_of(function: Callable[[Tensor], Tensor], at: Tensor, scale: Tensor | None = None) -> Tensor:
    """The Jacobian of a map between tensors of any shape: [values it gives, values it gets], float64.

    scale, of the shape of `at`: the Jacobian is then in z where at = scale * z + a constant.
    """
    found: Tensor = jacrev(function)(at)
    matrix = found.reshape(-1, at.numel()).double()
    return matrix if scale is None else matrix * scale.flatten()


def random_like(matrix: Tensor, seed: int) -> Tensor:
    """A matrix of normal values and the same norm, with a column of 0 where the given one has one, as behind a relu."""
    values = torch.randn(matrix.shape, generator=torch.Generator().manual_seed(seed), dtype=matrix.dtype)
    drawn = values.to(matrix.device) * (matrix != 0).any(0)
    scaled: Tensor = drawn * (matrix.norm() / drawn.norm().clamp(min=torch.finfo(drawn.dtype).tiny))  # of 0 it is 0
    return scaled


def share_near_one(values: Tensor) -> Tensor:
    """How many of these singular values are from 1/2 to 2, as a share of all; NaN where one of them is."""
    near = ((values >= 0.5) & (values <= 2)).double()
    return near.where(~values.isnan(), torch.nan).mean()


def singular_values(matrix: Tensor) -> Tensor:
    """Of a matrix, largest first; NaN where it is not finite."""
    if not torch.isfinite(matrix).all():  # of a training that diverged: there is no decomposition to be had
        return torch.full((min(matrix.shape),), torch.nan, dtype=matrix.dtype, device=matrix.device)
    values: Tensor = torch.linalg.svdvals(matrix)
    return values


def _seen(observed: Observed, placed: Placed, pair: Pair) -> Normalized:
    """What BN gave and the moments that it took; of the control, the nonlinearity's input and the moments of that."""
    if not pair.is_control:
        return observed.moments[placed.name]
    tap = observed.taps[placed.name]
    return Normalized(tap, *batch_moments(tap))


def _scale(network: Network, pair: Pair, start: Normalized) -> Tensor:
    """What the normalized vector of one example is multiplied by in what is there: of the shape of an example."""
    ones = torch.ones_like(start.output[0])
    sd = torch.sqrt(start.variance + EPSILON)
    weight = sd if pair.is_control else network.batch_norms[pair.start.name].weight
    return ones if weight is None else ones * weight.detach().view(-1, *(1,) * (ones.dim() - 1))


def _between(network: Network, pair: Pair, moments: Normalized) -> Callable[[Tensor], Tensor]:
    """From BN's output, or the control's input, at one layer to the normalized vector at the next, for one example."""
    layers = {layer.name: layer for layer in network.layers}
    start, end = layers[pair.start.name], layers[pair.end.name]
    mean, variance = moments.mean, moments.variance
    epsilon = EPSILON if pair.is_control else network.batch_norms[end.name].eps

    def between(y: Tensor) -> Tensor:
        leave, arrive = (_left_tap, _at_tap) if pair.is_control else (_left, _arrived)
        x = leave(start, y.unsqueeze(0))
        for placed in pair.between:
            x = layers[placed.name](x)
        u = arrive(end, x)[0]
        along = (-1, *(1,) * (u.dim() - 1))
        return (u - mean.view(along)) * torch.rsqrt(variance + epsilon).view(along)

    return between


def _left_tap(layer: LayerModule, y: Tensor) -> Tensor:
    """What a layer gives whose nonlinearity got y; BN that is left is frozen."""
    assert layer.activation is not None
    z = layer.activation(y)
    return layer.batch_norm(z) if layer.batch_norm is not None and layer.normalizes_last else z


def _at_tap(layer: LayerModule, x: Tensor) -> Tensor:
    """What a layer's nonlinearity gets where the layer gets x."""
    assert layer.transform is not None
    u: Tensor = layer.transform(x)
    return layer.batch_norm(u) if layer.batch_norm is not None and not layer.normalizes_last else u


def _left(layer: LayerModule, y: Tensor) -> Tensor:
    """What a layer gives whose BN gave y."""
    return y if layer.activation is None or layer.normalizes_last else layer.activation(y)


def _arrived(layer: LayerModule, x: Tensor) -> Tensor:
    """What a layer's BN gets where the layer gets x."""
    assert layer.transform is not None
    u: Tensor = layer.transform(x)
    return layer.activation(u) if layer.activation is not None and layer.normalizes_last else u
