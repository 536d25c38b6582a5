"""Which examples are held out of a training set: the same share of each class, drawn by a seed."""

import numpy as np
from numpy.random import Philox, SeedSequence
from numpy.typing import NDArray

from jobs.datasets.shares import num_held_out


def held_out(labels: NDArray[np.int64], share: float, seed: int) -> NDArray[np.bool_]:
    """A mask [N] of the examples that are held out: of a class with n examples round(share * n).

    labels: [N], none of them negative; seed: not negative. Each example of class c gets a number of Philox's stream
    of (seed, c), in the order of the examples, and those with the least numbers are held out. It is raw output, the
    only one that numpy keeps from version to version: the mask is a function of the arguments for good.

    >>> held_out(np.array([0, 0, 0, 0, 1, 1]), 0.5, seed=0).tolist()
    [True, False, False, True, False, True]
    """
    mask = np.zeros(len(labels), dtype=np.bool_)
    by_class = np.argsort(labels, kind="stable")
    classes, counts = np.unique(labels, return_counts=True)
    ends = np.cumsum(counts)
    for which, count, end, number in zip(classes, counts, ends, num_held_out(counts.tolist(), share), strict=True):
        drawn = Philox(SeedSequence([seed, int(which)])).random_raw(int(count))
        mask[by_class[end - count : end][np.argsort(drawn, kind="stable")[:number]]] = True
    return mask
