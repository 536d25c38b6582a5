"""The learning rate that a weight in front of batch normalization has in effect (van Laarhoven 2017)."""

from bn.diagnostics.probe import Measures, Probe


def effective_learning_rate(probe: Probe) -> Measures:
    """eta / ||W||^2 of each weight directly in front of BN.

    BN(a W u) = BN(W u): only the direction of W matters, and a step turns it by as much as this says; infinite where
    W is 0.
    """
    normalized = [placed.name for placed in probe.network.plan.layers if placed.feeds_batch_norm]
    squares = {name: probe.network.weights[name].detach().double().square().sum() for name in normalized}
    return {
        f"{name}.effective_learning_rate": (probe.learning_rate / square).item() for name, square in squares.items()
    }
