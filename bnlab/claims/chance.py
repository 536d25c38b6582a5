"""How likely what a check has measured were by chance."""

from collections.abc import Sequence
from math import erfc, fsum, sqrt
from statistics import NormalDist

from bnlab.sdk.estimates import LEVEL, Estimate

TIES = 1e-9  # of the sum of all sizes: sums that rounding alone sets apart are equal
HALF_WIDTH = NormalDist().inv_cdf((1 + LEVEL) / 2)  # of an interval, in standard errors


def of_signs(differences: Sequence[float]) -> float:
    """The share of all patterns of signs with a sum as far from 0 as the differences' own (Fisher 1935): exact.

    What takes 2^n steps is for a claim's ten seeds at the most.

    >>> of_signs([0.1, 0.2, 0.3]), of_signs([0.1, -0.2, 0.1]), of_signs([])
    (0.25, 1.0, 1.0)
    """
    sums = [0.0]
    for size in map(abs, differences):
        sums = [total + sign * size for total in sums for sign in (1, -1)]
    bar = abs(fsum(differences)) - TIES * fsum(map(abs, differences))
    return sum(abs(total) >= bar for total in sums) / len(sums)


def of_normal(found: Estimate) -> float | None:
    """The two-sided p of a normal mean against 0, from its 95 % interval; None where that is not known.

    >>> round(of_normal(Estimate((0.0196, 0.0196), 0.0, 0.0392, 0.95, 100)), 3)
    0.05
    """
    if found.centre is None or found.low is None or found.high is None or found.low == found.high:
        return None
    error = (found.high - found.low) / 2 / HALF_WIDTH
    return erfc(abs(sum(found.centre) / 2) / error / sqrt(2))
