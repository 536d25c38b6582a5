"""Features as float32, in which every number must be finite."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.judging.faults import Faults
from jobs.datasets.judging.limits import MAX_FAULTS

Place = Callable[[int, int], str]
"""What a fault calls the value at a row and a column of a block."""


def features(member: str | None, values: NDArray[Any], place: Place, faults: Faults) -> NDArray[np.float32]:
    """A block [n, F] of any numbers as float32; NaN, infinity and what float32 cannot hold are faults."""
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32)
    beyond = np.argwhere(~np.isfinite(narrow))
    for row, column in beyond[:MAX_FAULTS]:
        faults.add(member, f"{place(row, column)} is {_named(float(values[row, column]))}")
    faults.count(len(beyond[MAX_FAULTS:]))  # there may be as many as there are numbers
    return narrow


def _named(value: float) -> str:
    if np.isnan(value):
        return "NaN: fill in a number, or leave the example out"
    return "infinite" if np.isinf(value) else f"{value:g}: float32 reaches 3.4e38"
