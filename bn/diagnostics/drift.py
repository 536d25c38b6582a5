"""How far running statistics are from those of the population, and what that costs.

It answers the commonest complaint about batch normalization: that evaluation is far worse than training.
"""

import copy
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor

from bn.diagnostics.probe import Measures, Probe
from bn.functional import gaps
from bn.network import Network, inference
from bn.population import Moments, population_moments, set_running

POPULATION_EXAMPLES = 10_000  # the most training examples that stand for the population
CHUNK = 1000  # test examples at once, where they do not normalize one another


def drift(probe: Probe) -> Measures:
    """Of each BN: `mean_gap` and `variance_ratio` of the population against the running statistics.

    The population's are by algorithm 2 over training mini-batches, up to 10,000 examples. Of the whole network: the
    accuracy on the test set by running statistics, algorithm 2, pooled statistics and each test mini-batch's own.
    """
    found: Measures = {}
    with torch.no_grad():
        algorithm2 = population_moments(probe.network, _first(probe.batches()), "algorithm2")
        pooled = population_moments(probe.network, _first(probe.batches()), "pooled")
        for name, norm in probe.network.batch_norms.items():
            if not norm.frozen:
                moments = algorithm2[f"{name}.batch_norm"]
                assert norm.running_mean is not None
                assert norm.running_var is not None
                gap, ratio = gaps(moments.mean, moments.variance, norm.running_mean, norm.running_var, norm.eps)
                found |= {f"{name}.mean_gap": gap.item(), f"{name}.variance_ratio": ratio.item()}
        test = probe.test()
        with inference(probe.network) as network:
            found["accuracy_running"] = _accuracy(probe, test, network, CHUNK)
            found["accuracy_algorithm2"] = _accuracy(probe, test, _with(network, algorithm2), CHUNK)
            found["accuracy_pooled"] = _accuracy(probe, test, _with(network, pooled), CHUNK)
            size = len(probe.images)
            found["accuracy_batch"] = _accuracy(probe, test, lambda images: network.observe(images)[0], size)
    return found


def _first(batches: Iterable[Tensor]) -> Iterator[Tensor]:
    """Whole mini-batches, until there are examples enough."""
    taken = 0
    for batch in batches:
        if taken >= POPULATION_EXAMPLES:
            return
        taken += len(batch)
        yield batch


def _with(network: Network, moments: dict[str, Moments]) -> Network:
    changed = copy.deepcopy(network)
    set_running(changed, moments)
    return changed


def _accuracy(probe: Probe, test: tuple[Tensor, Tensor], logits_of: Callable[[Tensor], Tensor], size: int) -> float:
    """The share of right answers, the test set taken `size` examples at a time; what is left over at the end waits.

    A last mini-batch that is smaller would have other statistics than the rest.
    """
    images, labels = test
    whole = len(labels) // size * size or len(labels)
    parts = zip(torch.split(images[:whole], size), torch.split(labels[:whole], size), strict=True)
    right = 0
    for x, y in parts:
        right += int((logits_of(x).argmax(1) == y).sum())
        probe.alive()
    return right / whole
