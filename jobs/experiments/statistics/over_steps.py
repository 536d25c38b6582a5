"""What a training's values over its steps come to as one number."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["mean", "rms", "wander"]
Values = NDArray[np.float32]


def mean(columns: Sequence[Values]) -> float | None:
    """The mean of one series' values, not finite where one of them is not; None of no values."""
    (values,) = columns
    return float(np.mean(values, dtype=np.float64)) if len(values) else None


def rms(columns: Sequence[Values]) -> float | None:
    """The root of the mean of one series' squares; None of no values.

    >>> rms([np.array([3.0, -4.0], np.float32)]) == 12.5**0.5
    True
    """
    (values,) = columns
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64)))) if len(values) else None


def wander(columns: Sequence[Values]) -> float | None:
    """How far the median of a unit's input wanders over the steps, in widths of its distribution.

    columns: p15, p50 and p85 of each unit in turn, as figure 1 b and c of Ioffe and Szegedy 2015 draw them. Of a unit
    it is the (biased) standard deviation over the steps of p50, over the mean of p85 - p15; of a layer the mean over
    its units. The measure is ours: the paper shows the curves and no number. A unit whose values are all alike has no
    width, and is left out. None of fewer than two steps, or of no unit that has a width.

    >>> still, moving = np.zeros(2, np.float32), np.array([0, 4], np.float32)
    >>> wander([still - 1, still, still + 1, moving - 1, moving, moving + 1])  # of 0 and of 2 / 2
    0.5
    """
    low, median, high = (np.asarray(columns[i::3], np.float64) for i in range(3))
    if median.shape[1] < 2:
        return None
    width = (high - low).mean(1)
    has_width = width != 0
    return float(np.mean(median.std(1)[has_width] / width[has_width])) if has_width.any() else None


OVER_STEPS: dict[Kind, Callable[[Sequence[Values]], float | None]] = {"mean": mean, "rms": rms, "wander": wander}
