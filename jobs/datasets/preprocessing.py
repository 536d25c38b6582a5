"""What becomes of stored inputs before a network gets them: a threshold, a map by channel or pixel, a matrix."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 255  # of a pixel as it is stored
CHUNK = 1024  # examples whose squares are in memory at once
FLOOR = 1e-4  # of the greatest variance in any direction: below it, whitening raises a direction no further (ours)


@dataclass(frozen=True)
class Preprocessing:
    """A network's input is (value - shift) * scale, in float32.

    Where it binarizes, the value is 1 from half of full scale up, else 0. There is a shift and a scale for each channel
    of an image, or for each feature; or for each value of an image, in the order [C, H, W]. Where there is a matrix,
    float32 [D, D] for inputs of D values, the flattened input is multiplied by it from the right.
    """

    binarize: bool
    shift: tuple[float, ...]
    scale: tuple[float, ...]
    matrix: NDArray[np.float32] | None = None

    def __call__(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        """Stored inputs, [N, C, H, W] of 0 to 255 or [N, F] -> float32 of the same shape."""
        values = binarized(inputs) if self.binarize else inputs
        along = self.shape_for(inputs.shape[1:])
        shift, scale = (np.asarray(each, np.float32).reshape(along) for each in (self.shift, self.scale))
        mapped: NDArray[np.float32] = (values.astype(np.float32) - shift) * scale
        if self.matrix is None:
            return mapped
        whitened: NDArray[np.float32] = mapped.reshape(len(mapped), -1) @ self.matrix
        return whitened.reshape(mapped.shape)

    def plain(self) -> dict[str, Any]:
        """All but the matrix, as JSON has it."""
        return {"binarize": self.binarize, "shift": list(self.shift), "scale": list(self.scale)}

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
    if normalize == "whiten":
        return whitening_of(images, binarize=binarize)
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


def whitening_of(images: NDArray[Any], *, binarize: bool) -> Preprocessing:
    """The map after which the values of an input are uncorrelated and have variance 1: ZCA whitening.

    Bell and Sejnowski 1997; Kessy, Lewin and Strimmer 2018. With covariance U diag(v) U' the matrix is
    U diag(1 / sqrt(max(v, floor))) U', of all such maps the one that changes inputs least. floor is FLOOR times the
    greatest v: directions in which hardly anything varies would be raised to noise, and stay below variance 1 instead.
    A value that is constant becomes 0, whatever it is elsewhere. Pixels share a unit; features do not, and each is
    divided by its sd first.
    """
    flat = images.reshape(len(images), -1)
    if images.dtype.kind == "f":
        mean, covariance = _moments_of_features(flat)
        varies = (flat != flat[0]).any(0)
        scale = np.divide(1.0, np.sqrt(covariance.diagonal()), out=np.zeros(len(mean)), where=varies)
    else:
        mean, covariance = _moments_of_pixels(flat, binarize=binarize)
        varies = covariance.diagonal() > 0
        scale = np.ones(len(mean))
    matrix = np.zeros_like(covariance)
    if varies.any():
        variances, directions = np.linalg.eigh((covariance * np.outer(scale, scale))[np.ix_(varies, varies)])
        factors = 1 / np.sqrt(np.maximum(variances, FLOOR * variances[-1]))
        matrix[np.ix_(varies, varies)] = (directions * factors) @ directions.T
    return Preprocessing(binarize, tuple(mean.tolist()), tuple(scale.tolist()), matrix.astype(np.float32))


def _moments_of_pixels(flat: NDArray[Any], *, binarize: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean [D] and covariance [D, D] of pixels [N, D], whose sums of products are whole numbers and exact."""
    count, width = flat.shape
    sums, products = np.zeros(width), np.zeros((width, width))
    for start in range(0, count, CHUNK):
        values = flat[start : start + CHUNK]
        values = (binarized(values) if binarize else values).astype(np.float64)
        sums += values.sum(0)
        products += values.T @ values
    mean = sums / count
    return mean, (count * products - np.outer(sums, sums)) / count**2


def _moments_of_features(flat: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean [D] and covariance [D, D] of features [N, D]."""
    mean = flat.mean(0, dtype=np.float64)
    products = np.zeros((len(mean), len(mean)))
    for start in range(0, len(flat), CHUNK):
        deviations = flat[start : start + CHUNK] - mean
        products += deviations.T @ deviations
    return mean, products / len(flat)


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
    return Preprocessing(binarize, tuple((sums / count).ravel().tolist()), tuple(scale.ravel().tolist()))


def binarized(images: NDArray[Any]) -> NDArray[np.uint8]:
    """1 from half of full scale up, else 0."""
    return (images > FULL_SCALE / 2).astype(np.uint8)
