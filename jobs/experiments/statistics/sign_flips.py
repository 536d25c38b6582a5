"""How probable a mean difference over paired seeds is by chance: exact, by flipping signs."""

from collections.abc import Sequence
from math import fsum, isinf

import numpy as np
from numpy.typing import NDArray

from jobs.experiments.statistics.interval import Bounds

EXACT = 32  # differences; a half of them has 65,536 sums
CELLS = 1 << 17  # of the grid that stands for the sums of more
TIES = 1e-9  # of the sum of all sizes: sums that rounding alone sets apart are equal


def sign_flip_p(differences: Sequence[float]) -> float | None:
    """The share of all 2^n patterns of signs that give a sum at least as far from 0 as the differences' own.

    It is the two-sided p of the mean, exact without any assumption but that a difference could as well have been its
    negative, if the variants were alike. With n seeds it is 2/2^n at the least: 0.25 of three, 0.031 of six. None of no
    differences. An infinite one, of a training that never arrived, outweighs all finite ones together.

    Up to 32 differences it is exact: each sum is one of one half and one of the other (Horowitz and Sahni 1974). Of
    more, sizes are rounded to a grid whose error is counted against the difference: p is at most a little too great.
    Fisher 1935, section 21, whose example of Darwin's fifteen pairs of plants this is; Pitman 1937.

    >>> darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    >>> sign_flip_p(darwin) == 1726 / 2**15
    True
    """
    if not differences:
        return None
    values = _finite(differences)
    sizes = np.abs(values)
    bar = abs(fsum(values)) - TIES * float(sizes.sum())
    if bar <= 0:
        return 1.0
    return min(1.0, 2 * (_share_exact(sizes, bar) if len(sizes) <= EXACT else _share_on_a_grid(sizes, bar)))


def bounded_sign_flip_p(differences: Sequence[Bounds]) -> float | None:
    """The same of differences that are known by bounds only: each counts as the number within them that is nearest 0.

    What it counts as has the other sign where the difference has, so that this is an exact test too. It sees less than
    one that knew the differences would.

    >>> bounded_sign_flip_p([Bounds(1, 2), Bounds(3, 9), Bounds(-1, 4)])
    0.5
    """
    return sign_flip_p([max(each.low, min(each.high, 0.0)) for each in differences])


def _finite(differences: Sequence[float]) -> NDArray[np.float64]:
    """With a size in place of infinity that no sum of the finite ones reaches: it decides which pattern is greater."""
    beyond = 3 * fsum(abs(each) for each in differences if not isinf(each)) or 1.0
    return np.clip(np.asarray(differences, np.float64), -beyond, beyond)


def _share_exact(sizes: NDArray[np.float64], bar: float) -> float:
    half = len(sizes) // 2
    one, other = _sums(sizes[:half]), np.sort(_sums(sizes[half:]))
    reached = len(other) - np.searchsorted(other, bar - one, side="left")
    return float(reached.sum()) / 2.0 ** len(sizes)


def _sums(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of every pattern of signs: [2^n]."""
    sums = np.zeros(1)
    for size in sizes:
        sums = np.concatenate((sums + size, sums - size))
    return sums


def _share_on_a_grid(sizes: NDArray[np.float64], bar: float) -> float:
    """The same, or a little more, by how probable each total of the sizes with a plus is, in cells of a grid.

    A pattern's sum is twice that total less all sizes.
    """
    cell = float(sizes.sum()) / CELLS
    steps = np.rint(sizes / cell).astype(np.int64)
    found = np.ones(1)
    for step in steps.tolist():
        none = np.zeros(step)
        found = (np.concatenate((found, none)) + np.concatenate((none, found))) / 2
    error = np.abs(sizes / cell - steps).sum()
    least = int(np.ceil((bar / cell - error + steps.sum()) / 2))
    return float(found[max(least, 0) :].sum())
