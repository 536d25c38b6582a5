"""A dataset as arrays, and whether it is here; it downloads nothing."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.datasets import idx, synthetic
from jobs.datasets.catalogue import Dataset, named
from jobs.datasets.files import FILES, FileError, folder_of, read, way_out
from jobs.errors import DatasetUnavailable


@dataclass(frozen=True, eq=False)
class Arrays:
    """A dataset in memory, which belongs to whoever loaded it: images [N, C, H, W] of 0 to 255, labels [N]."""

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]


def load(name: str, data_folder: Path) -> Arrays:
    """Read a dataset from the data folder, or make it. Raises NotFound and DatasetUnavailable, with the way out.

    Every byte is checked against its SHA-256 each time, which costs MNIST 0.1 s: nothing trains on a damaged file.
    """
    dataset = named(name)
    if not dataset.fetched:
        return _made(dataset)
    folder = folder_of(name, data_folder)
    try:
        arrays = (idx.decode(read(folder, file)) for file in FILES[name])
        train_images, train_labels, test_images, test_labels = arrays
    except FileError as error:
        way = way_out(name, data_folder)
        raise DatasetUnavailable(f"dataset '{name}' is not here: looked in {folder}: {error}; run: {way}") from None
    return Arrays(
        train_images.reshape(-1, *dataset.shape),
        train_labels.astype(np.int64),
        test_images.reshape(-1, *dataset.shape),
        test_labels.astype(np.int64),
    )


def available(name: str, data_folder: Path) -> bool:
    """Whether `load` can be expected to work: the files are there in their sizes. Raises NotFound."""
    folder = folder_of(name, data_folder)
    return not named(name).fetched or all(_size(folder / file.name) == file.size for file in FILES[name])


def _made(dataset: Dataset) -> Arrays:
    images, labels = synthetic.make(dataset.train + dataset.test)
    return Arrays(images[: dataset.train], labels[: dataset.train], images[dataset.train :], labels[dataset.train :])


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
