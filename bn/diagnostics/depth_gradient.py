"""How the gradient's length changes with depth (Yang et al. 2019)."""

import torch

from bn.diagnostics.probe import Measures, Probe, observed_loss


def depth_gradient(probe: Probe) -> Measures:
    """`log_norm` of each nonlinearity's input h: the natural logarithm of ||dl/dh|| over the whole probe.

    In an untrained, wide network of relu and BN it grows by log sqrt(pi/(pi-1)), a factor of 1.21, with each layer
    towards the input: Yang et al. 2019, theorem 3.10, which is of the squared norm; Luther 2020 explains it.
    """
    loss, observed = observed_loss(probe, probe.network)
    gradients = torch.autograd.grad(loss, list(observed.taps.values()))
    return {
        f"{name}.log_norm": gradient.double().norm().log().item()
        for name, gradient in zip(observed.taps, gradients, strict=True)
    }
