"""How many directions a layer's outputs span, and how far they are from orthogonal."""

import torch
from torch import Tensor

from bn.diagnostics.probe import Measures, Probe, observed_loss

EXAMPLES = 2048  # the most whose Gram matrix is made


def rank(probe: Probe) -> Measures:
    """Of each nonlinearity's output on the probe: `rank` and `orthogonality_gap`, as `rank_and_gap` has them.

    They are of the first 2,048 examples at the most, since a Gram matrix grows with the square of their number.
    """
    with torch.no_grad():
        _, observed = observed_loss(probe, probe.network)
    found: Measures = {}
    for layer in probe.network.layers:
        if layer.activation is not None:
            outputs = layer.activation(observed.taps[layer.name][:EXAMPLES])
            effective, gap = rank_and_gap(outputs.flatten(1).double())
            found |= {f"{layer.name}.rank": effective, f"{layer.name}.orthogonality_gap": gap}
    return found


def rank_and_gap(outputs: Tensor) -> tuple[float, float]:
    """tr(M)^2 / ||M||_F^2 with M = H H'/n, and || H'H / ||H||_F^2 - I/n ||_F.

    outputs: [n, d], an example a row: H is its transpose. The first is at most the rank of H, and equal to it where all
    its directions weigh alike (Daneshmand et al. 2020); the second is 0 for orthogonal examples of one length and
    sqrt(1 - 1/n) for equal ones (Daneshmand et al. 2021). Both come from the Gram matrix of the examples.
    """
    gram = outputs @ outputs.T
    trace = gram.trace()
    gap = gram / trace - torch.eye(len(gram), dtype=gram.dtype, device=gram.device) / len(gram)
    return (trace.square() / gram.square().sum()).item(), gap.norm().item()
