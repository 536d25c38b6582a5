"""What becomes of stored inputs before a network gets them: a threshold, then a map of each channel or feature."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 255  # of a pixel as it is stored


@dataclass(frozen=True)
class Preprocessing:
    """A network's input is (value - shift) * scale of each channel of an image, or of each feature, in float32.

    Where it binarizes, the value is 1 from half of full scale up, else 0.
    """

    binarize: bool
    shift: tuple[float, ...]
    scale: tuple[float, ...]

    def __call__(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        """Stored inputs, [N, C, H, W] of 0 to 255 or [N, F] -> float32 of the same shape."""
        values = binarized(inputs) if self.binarize else inputs
        along = (1, -1, *(1,) * (inputs.ndim - 2))
        shift, scale = (np.asarray(each, np.float32).reshape(along) for each in (self.shift, self.scale))
        return (values.astype(np.float32) - shift) * scale


def preprocessing_of(images: NDArray[Any], *, binarize: bool, normalize: str) -> Preprocessing:
    """That of a job, found on its training inputs [N, C, H, W] or [N, F] as they are stored.

    normalize: as `Data.normalize` has it, and never null.
    """
    channels = images.shape[1]
    if normalize != "standardize":
        factor = 1.0 if normalize == "none" or binarize else 1 / FULL_SCALE
        return Preprocessing(binarize, (0.0,) * channels, (factor,) * channels)
    values = binarized(images) if binarize else images
    every = tuple(axis for axis in range(images.ndim) if axis != 1)
    mean = values.mean(every, dtype=np.float64)
    sd = values.std(every, dtype=np.float64)
    scale = 1 / np.where(sd > 0, sd, 1.0)  # a constant channel becomes 0
    return Preprocessing(binarize, tuple(mean.tolist()), tuple(scale.tolist()))


def binarized(images: NDArray[Any]) -> NDArray[np.uint8]:
    """1 from half of full scale up, else 0."""
    return (images > FULL_SCALE / 2).astype(np.uint8)
