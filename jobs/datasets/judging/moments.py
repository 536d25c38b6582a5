"""Mean and standard deviation of examples that come in blocks."""

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.judging.parts import Block


class Moments:
    """Of each channel of images, or of each feature, in float64.

    All is computed of differences from the first values: those of a constant are exactly 0, and so is its sd.
    Blocks are put together as in Chan, Golub and LeVeque 1979, eq. 2.1.
    """

    def __init__(self, num_channels: int) -> None:
        self._origin: NDArray[np.float64] | None = None
        self._count = 0
        self._mean = np.zeros(num_channels)
        self._squares = np.zeros(num_channels)

    def add(self, block: Block) -> None:
        """Take in examples [n, C, H, W] or [n, F]."""
        if not len(block):
            return
        axes = (0, *range(2, block.ndim))
        if self._origin is None:
            self._origin = block[(slice(1), slice(None), *[slice(1)] * (block.ndim - 2))].astype(np.float64)
        differences = block - self._origin
        mean = differences.mean(axes)
        differences -= np.expand_dims(mean, axes)
        np.square(differences, out=differences)
        count = block.size // block.shape[1]
        total = self._count + count
        apart = mean - self._mean
        self._mean += apart * (count / total)
        self._squares += differences.sum(axes) + apart**2 * (self._count * count / total)
        self._count = total

    @property
    def mean(self) -> NDArray[np.float64]:
        """[C] or [F]; only where there was a block."""
        assert self._origin is not None
        return self._origin.reshape(-1) + self._mean

    @property
    def sd(self) -> NDArray[np.float64]:
        """[C] or [F]: the root of the mean squared difference from the mean."""
        return np.sqrt(self._squares / self._count)
