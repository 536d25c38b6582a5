"""Which of several settings each seed is reported at, where a variant's best one is to be compared."""

from collections.abc import Sequence
from math import fsum


def cross_fitted(validation: Sequence[Sequence[float]]) -> tuple[int, ...]:
    """For each seed the setting that the *other* seeds' validation likes best, the first one of several.

    A setting that is chosen by a seed's own numbers flatters that seed: the best of noisy numbers is too good. Chosen
    without it, none does. validation: [settings][seeds], at least two seeds, higher is better; one that diverged is at
    chance. Returns the index of a setting by seed. Stone 1974; Dodge et al. 2019 for what tuning hides.

    >>> cross_fitted([[0.80, 0.82, 0.90], [0.85, 0.84, 0.50]])
    (0, 0, 1)
    """
    seeds = len(validation[0])
    if seeds < 2:
        raise ValueError("to choose a seed's setting by the others there must be at least two seeds")
    others = [[*range(seed), *range(seed + 1, seeds)] for seed in range(seeds)]
    return tuple(_best([fsum(each[i] for i in rest) for each in validation]) for rest in others)


def _best(values: Sequence[float]) -> int:
    return max(range(len(values)), key=values.__getitem__)
