"""The learning rate that a weight in front of batch normalization has in effect (van Laarhoven 2017)."""

from bn.diagnostics.probe import Measures, Probe


def effective_learning_rate(probe: Probe) -> Measures:
    """eta / ||W||^2 of each weight directly in front of BN.

    BN(a W u) = BN(W u): only the direction of W matters, and a step turns it by as much as this says.
    """
    return {
        f"{placed.name}.effective_learning_rate": probe.learning_rate
        / probe.network.weights[placed.name].detach().double().square().sum().item()
        for placed in probe.network.plan.layers
        if placed.feeds_batch_norm
    }
