"""What becomes of stored inputs before a network gets them: a threshold, then a map by channel, feature or pixel."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 255  # of a pixel as it is stored
CHUNK = 1024  # examples whose squares are in memory at once


@dataclass(frozen=True)
class Preprocessing:
    """A network's input is (value - shift) * scale, in float32.

    Where it binarizes, the value is 1 from half of full scale up, else 0. There is a shift and a scale for each channel
    of an image, or for each feature; or for each value of an image, in the order [C, H, W].
    """

    binarize: bool
    shift: tuple[float, ...]
    scale: tuple[float, ...]

    def __call__(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        """Stored inputs, [N, C, H, W] of 0 to 255 or [N, F] -> float32 of the same shape."""
        values = binarized(inputs) if self.binarize else inputs
        along = self.shape_for(inputs.shape[1:])
        shift, scale = (np.asarray(each, np.float32).reshape(along) for each in (self.shift, self.scale))
        return (values.astype(np.float32) - shift) * scale

    def shape_for(self, example: tuple[int, ...]) -> tuple[int, ...]:
        """The shape in which shift and scale meet a batch of examples of this one."""
        return map_shape(example, per_pixel=len(self.shift) > example[0])


def map_shape(example: tuple[int, ...], *, per_pixel: bool) -> tuple[int, ...]:
    """The shape of shift and scale: a value for each channel of an image, or for each feature; or for each pixel.

    >>> map_shape((3, 32, 32), per_pixel=False), map_shape((4,), per_pixel=False), map_shape((3, 8, 8), per_pixel=True)
    ((1, 3, 1, 1), (1, 4), (1, 3, 8, 8))
    """
    return (1, *example) if per_pixel else (1, example[0], *(1 for _ in example[1:]))


def preprocessing_of(images: NDArray[Any], *, binarize: bool, normalize: str) -> Preprocessing:
    """That of a job, found on its training inputs [N, C, H, W] or [N, F] as they are stored.

    normalize: as `Data.normalize` has it, and never null.
    """
    if normalize == "per_pixel":
        return _per_pixel(images, binarize=binarize)
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


def _per_pixel(images: NDArray[Any], *, binarize: bool) -> Preprocessing:
    """Each pixel minus its mean, over its sd; one that is constant becomes 0, whatever it is elsewhere.

    Pixels are whole numbers, whose sums are exact.
    """
    shape, count = images.shape[1:], len(images)
    sums, squares = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for start in range(0, count, CHUNK):
        values = images[start : start + CHUNK]
        values = (binarized(values) if binarize else values).astype(np.int64)
        sums += values.sum(0)
        squares += np.square(values, out=values).sum(0)
    sd = np.sqrt(count * squares - sums**2) / count
    scale = np.divide(1.0, sd, out=np.zeros(shape), where=sd > 0)
    return Preprocessing(binarize, *(tuple(each.ravel().tolist()) for each in (sums / count, scale)))


def binarized(images: NDArray[Any]) -> NDArray[np.uint8]:
    """1 from half of full scale up, else 0."""
    return (images > FULL_SCALE / 2).astype(np.uint8)
