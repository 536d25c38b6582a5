"""The learning rate that weights in front of batch normalization have in effect (van Laarhoven 2017)."""

from bn.diagnostics.probe import Measures, Probe


def effective_learning_rate(probe: Probe) -> Measures:
    """How far a step turns each unit's weights directly in front of BN, over the units of a layer.

    `effective_learning_rate` is the median, with `_min` and `_max` behind the name the ends. BN(a w u) = BN(w u) for
    the weights w of each unit by itself: only their direction matters. Of a unit it is rate / ||w||^2 where a step is
    as long as the gradient, which goes as 1 / ||w||, and rate / ||w|| where its length does not depend on the
    gradient's, as Adam's; `Turning` has which, and the rate in the long run. Infinite where w is 0.
    """
    turning, weights = probe.turning, probe.network.weights
    found: Measures = {}
    for placed in probe.network.plan.layers:
        if placed.feeds_batch_norm:
            rate = probe.learning_rate * turning.times * turning.factors.get(placed.name, 1.0)
            norms = weights[placed.name].detach().double().flatten(1).norm(dim=1)
            of_units = rate / norms**turning.power
            name = f"{placed.name}.effective_learning_rate"
            found |= {name: of_units.median().item(), f"{name}_min": of_units.min().item()}
            found[f"{name}_max"] = of_units.max().item()
    return found
