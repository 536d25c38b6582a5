"""What sampling alone makes of the gaps between a mini-batch's moments and those of all that it is drawn from."""

from dataclasses import dataclass
from math import log, sqrt
from typing import Self


@dataclass(frozen=True)
class NoiseFloor:
    """What `mean_gap` and `variance_ratio` reach where nothing is amiss: only what is well above it says something."""

    mean_gap: float
    variance_ratio: float

    @classmethod
    def of(cls, channels: int, values: int) -> Self:
        """Of batch normalization of so many channels, each of whose moments is of so many values, two or more.

        A mean of m normal values of sd 1 has an sd of 1 / sqrt(m), the logarithm of their variance one of about
        sqrt(2 / (m - 1)), and the largest of C such deviations is seldom beyond sqrt(2 ln(2 C)) times that: of means in
        one step of nine, of variances in one of seven at 600 values and in two of five at 32. Values that resemble each
        other, as neighbouring pixels do, count for fewer.

        >>> floor = NoiseFloor.of(100, 60)
        >>> round(floor.mean_gap, 2), round(floor.variance_ratio, 2)
        (0.42, 0.6)
        """
        largest = sqrt(2 * log(2 * channels))
        return cls(largest / sqrt(values), largest * sqrt(2 / (values - 1)))
