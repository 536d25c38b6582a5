"""A dataset of the catalogue as arrays, and whether it is here; it downloads nothing."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.datasets import synthetic
from jobs.datasets.arrays import Arrays, check_arrays
from jobs.datasets.catalogue import Dataset, named
from jobs.datasets.files import FILES, File, FileError, folder_of, read, way_out
from jobs.datasets.formats import cifar, idx
from jobs.errors import DatasetUnavailable, FieldError

Images = NDArray[np.uint8 | np.float32]
Labels = NDArray[np.int64]


def load(name: str, data_folder: Path) -> Arrays:
    """Read a dataset from the data folder, or make it. Raises NotFound and DatasetUnavailable, with the way out.

    Every byte is checked against its SHA-256 each time, which costs MNIST 0.1 s: nothing trains on a damaged file.
    """
    entry = named(name)
    if not entry.fetched:
        return _made(entry.dataset)
    contents = _contents(name, FILES[name], data_folder)
    last = -NUM_TEST_FILES[name]
    arrays = Arrays(*DECODE[name](contents[:last]), *DECODE[name](contents[last:]))
    check_arrays(entry.dataset, arrays)
    return arrays


def load_test(name: str, data_folder: Path) -> tuple[Images, Labels]:
    """The test part alone, in a part of the time and memory. Raises as `load` does."""
    if not named(name).fetched:
        arrays = load(name, data_folder)
        return arrays.test_images, arrays.test_labels
    return DECODE[name](_contents(name, FILES[name][-NUM_TEST_FILES[name] :], data_folder))


def available(name: str, data_folder: Path) -> bool:
    """Whether `load` can be expected to work: the files are there in their sizes. Raises NotFound."""
    folder = folder_of(name, data_folder)
    return not named(name).fetched or all(_size(folder / file.name) == file.size for file in FILES[name])


def missing_dataset(dataset: Dataset, data_folder: Path) -> FieldError | None:
    """What is wrong with a document whose dataset is not in the data folder, with the command that brings it.

    An uploaded one is where its row is: that it still is shows when the job is made.
    """
    name = dataset.name
    if dataset.kept or available(name, data_folder):
        return None
    return FieldError("/data/dataset", f"dataset '{name}' is not in the data folder; run: {way_out(name, data_folder)}")


def _contents(name: str, files: Sequence[File], data_folder: Path) -> list[bytearray]:
    folder = folder_of(name, data_folder)
    try:
        return [read(folder, file) for file in files]
    except FileError as error:
        way = way_out(name, data_folder)
        raise DatasetUnavailable(f"dataset '{name}' is not here: looked in {folder}: {error}; run: {way}") from None


def _idx(contents: Sequence[bytearray]) -> tuple[Images, Labels]:
    images, labels = map(idx.decode, contents)
    return images[:, np.newaxis], labels.astype(np.int64)


def _cifar(contents: Sequence[bytearray]) -> tuple[Images, Labels]:
    images, labels = zip(*map(cifar.decode, contents), strict=True)
    return np.concatenate(images), np.concatenate(labels).astype(np.int64)


DECODE: dict[str, Callable[[Sequence[bytearray]], tuple[Images, Labels]]] = {
    "mnist": _idx,
    "fashion_mnist": _idx,
    "cifar10": _cifar,
}
"""How the files of a part of a fetched dataset become its arrays."""

NUM_TEST_FILES = {"mnist": 2, "fashion_mnist": 2, "cifar10": 1}
"""How many of a fetched dataset's files, the last of them, are its test part."""


def _made(dataset: Dataset) -> Arrays:
    images, labels = synthetic.make(dataset.train + dataset.test)
    return Arrays(images[: dataset.train], labels[: dataset.train], images[dataset.train :], labels[dataset.train :])


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
