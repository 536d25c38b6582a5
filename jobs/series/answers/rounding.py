"""Numbers with fewer digits, for pictures that would not show more."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_DIGITS = 6  # that every float32 has, and that its shortest decimal keeps


def rounded(values: NDArray[Any], digits: int | None) -> NDArray[Any]:
    """The values to so many significant digits, as float32; as they are where digits is None or values not finite.

    >>> rounded(np.array([0.123456, 0.0, 98765.0, np.inf]), 3).tolist()
    [0.12300000339746475, 0.0, 98800.0, inf]
    """
    if digits is None:
        return values
    exact = values.astype(np.float64)
    some = np.isfinite(exact) & (exact != 0)
    place = np.floor(np.log10(np.abs(exact), where=some, out=np.zeros_like(exact)))
    scale = 10.0 ** (digits - 1 - place)  # from 1e-38 to 1e50: nothing overflows
    with np.errstate(over="ignore"):
        found = (np.round(np.where(some, exact, 0) * scale) / scale).astype(np.float32)
    return np.where(some & np.isfinite(found), found, exact.astype(np.float32))  # the largest are not rounded up
