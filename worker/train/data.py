"""A dataset as tensors on a device, and its mini-batches as a function of seed, epoch and step alone."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from math import prod
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jobs.datasets.arrays import Arrays
from jobs.datasets.preprocessing import Preprocessing, binarized, map_shape
from jobs.spec.document import Data
from jobs.spec.inputs import Part, found_preprocessing, training_parts
from worker.train.augmentation import augmented, draws
from worker.train.crossing import sent

CHUNK = 4096  # examples that are whitened at once

Order = NDArray[np.int64]


@dataclass(frozen=True)
class Examples:
    """Images [N, C, H, W] uint8, whitened ones float32, or features [N, F] float32; and labels [N] int64."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        """The number of examples."""
        return len(self.labels)


@dataclass(frozen=True)
class DeviceDataset:
    """All sets on the device, and the map from what lies there to what the network gets: (pixel - shift) * scale.

    Whitened examples lie there as the network gets them, so that a matrix costs nothing at any step.
    """

    train: Examples
    validation: Examples | None  # what is held out
    test: Examples
    shift: Tensor  # [1, C, 1, 1], [1, C, H, W] or [1, F]
    scale: Tensor  # the same
    preprocessing: Preprocessing  # what becomes of inputs as the dataset has them, in the float32 numbers that are used

    def inputs(self, pixels: Tensor) -> Tensor:
        """What the network gets of stored pixels, as `inputs_of` has it."""
        return inputs_of(pixels, self.shift, self.scale)


def inputs_of(pixels: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """[N, C, H, W] -> float32 [N, C, H, W], channels last; [N, F] -> float32 [N, F].

    shift, scale: as `map_shape` has it.
    """
    inputs = pixels.to(torch.float32, copy=True).sub_(shift).mul_(scale)
    return inputs.contiguous(memory_format=torch.channels_last) if inputs.dim() == len("NCHW") else inputs


def prepare(arrays: Arrays, options: Data, device: torch.device) -> DeviceDataset:
    """Binarize, find the map that `normalize` asks for on the training set, and move everything to the device."""
    train, validation = training_parts(arrays, options)
    test = Part(arrays.test_images, arrays.test_labels)
    preprocessing = rounded(found_preprocessing(train, options))
    if preprocessing.binarize:
        train, test = _binarized(train), _binarized(test)
        validation = validation and _binarized(validation)

    def placed(part: Part) -> Examples:
        examples = _on(part, device)
        return examples if preprocessing.matrix is None else _whitened(examples, preprocessing)

    shift, scale = _left_to_do(preprocessing, train.images.shape[1:], device)
    return DeviceDataset(placed(train), validation and placed(validation), placed(test), shift, scale, preprocessing)


def rounded(preprocessing: Preprocessing) -> Preprocessing:
    """The same in float32 numbers."""
    shift, scale = (np.array(each, np.float32).tolist() for each in (preprocessing.shift, preprocessing.scale))
    return replace(preprocessing, shift=tuple(shift), scale=tuple(scale))


def _left_to_do(preprocessing: Preprocessing, example: tuple[int, ...], device: torch.device) -> tuple[Tensor, Tensor]:
    """Shift and scale of the map from what lies on the device: of what is whitened already, 0 and 1."""
    if preprocessing.matrix is not None:
        along = map_shape(example, per_pixel=False)
        return torch.zeros(along, device=device), torch.ones(along, device=device)
    return _map(preprocessing, preprocessing.shape_for(example), device)


def _map(preprocessing: Preprocessing, along: tuple[int, ...], device: torch.device) -> tuple[Tensor, Tensor]:
    shift, scale = (
        torch.tensor(each, dtype=torch.float32, device=device).view(along)
        for each in (preprocessing.shift, preprocessing.scale)
    )
    return shift, scale


def _whitened(part: Examples, preprocessing: Preprocessing) -> Examples:
    """The examples as the network gets them: float32, four times the room of pixels."""
    device, width = part.labels.device, prod(part.images.shape[1:])
    shift, scale = _map(preprocessing, (1, width), device)
    matrix = torch.tensor(preprocessing.matrix, device=device)
    images = torch.empty(part.images.shape, device=device)
    for some, made in zip(torch.split(part.images, CHUNK), torch.split(images, CHUNK), strict=True):
        torch.mm(inputs_of(some.flatten(1), shift, scale), matrix, out=made.view(-1, width))
    return Examples(images, part.labels)


class Batches(NamedTuple):
    """Mini-batches of one size, for steps that follow each other."""

    pixels: Tensor  # [steps, N, C, H, W] uint8, whitened ones float32, or [steps, N, F] float32
    labels: Tensor  # [steps, N] int64


def batches(dataset: DeviceDataset, options: Data, seed: int, first: int, last: int) -> Iterator[Batches]:
    """Those of the steps first..last, all gathered at once.

    Each epoch runs through the training set in an order of its own; its last batch holds what is left.
    """
    size, count = options.batch_size, len(dataset.train)
    steps = range(first, last + 1)
    parts = [batch_indices(seed, step, size, count) for step in steps]
    index = sent(np.concatenate(parts), dataset.train.labels.device)
    pixels = dataset.train.images.index_select(0, index)  # which copies whole images, where [index] takes each pixel
    labels = dataset.train.labels[index]
    if options.augment is not None:
        drawn = [draws(seed, epoch_of(step, size, count), count)[part] for step, part in zip(steps, parts, strict=True)]
        pixels = augmented(pixels, options.augment, np.concatenate(drawn)).contiguous()
    start = 0
    for examples, equal in groupby(len(part) for part in parts):
        stop = start + examples * len(list(equal))
        yield Batches(pixels[start:stop].view(-1, examples, *pixels.shape[1:]), labels[start:stop].view(-1, examples))
        start = stop


def epoch_of(step: int, batch_size: int, count: int) -> int:
    """The epoch, from 0, that a step belongs to.

    >>> [epoch_of(step, 2, 5) for step in range(1, 6)]
    [0, 0, 0, 1, 1]
    """
    return (step - 1) // -(-count // batch_size)


def batch_indices(seed: int, step: int, batch_size: int, count: int) -> Order:
    """Which of `count` training examples make up the mini-batch of a step; steps count from 1.

    >>> [batch_indices(0, step, 2, 5).size for step in range(1, 5)]
    [2, 2, 1, 2]
    """
    place = (step - 1) % -(-count // batch_size)
    order = epoch_order(seed, epoch_of(step, batch_size, count), count)
    return order[place * batch_size : (place + 1) * batch_size]


@lru_cache(maxsize=2)
def epoch_order(seed: int, epoch: int, count: int) -> Order:
    """The order of the training examples in an epoch: a permutation drawn from (seed, epoch) and nothing else."""
    stream = np.random.Philox(np.random.SeedSequence([seed, epoch]))
    return np.random.Generator(stream).permutation(count)


def _binarized(part: Part) -> Part:
    return part._replace(images=binarized(part.images))


def _on(part: Part, device: torch.device) -> Examples:
    """The examples on the device; on the CPU they stay where they lie, be that a file that is mapped."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")  # nor does anybody write
        return Examples(*(torch.from_numpy(each).to(device) for each in part))
