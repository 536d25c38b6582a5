"""An uploaded dataset as arrays, mapped from the store where it is kept."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.arrays import Arrays, check_arrays
from jobs.datasets.catalogue import Dataset
from jobs.datasets.files import File
from jobs.datasets.formats import npy
from jobs.datasets.loading import load, load_test
from jobs.errors import DamagedObject, DatasetUnavailable
from jobs.storage import keys
from jobs.storage.objects.protocol import Objects, Stored

TEST = ("test_images", "test_labels")
ARRAYS = ("train_images", "train_labels", *TEST)
"""The files that it is kept as, without `.npy`: the fields of `Arrays`."""


def arrays_of(dataset: Dataset, data_folder: Path, objects: Objects) -> Arrays:
    """The arrays of any dataset that a job names. Raises DatasetUnavailable, and NotFound where nobody knows it."""
    if not dataset.kept:
        return load(dataset.name, data_folder)
    arrays = Arrays(**_contents(dataset, ARRAYS, objects))
    check_arrays(dataset, arrays)
    return arrays


def the_test_part(dataset: Dataset, data_folder: Path, objects: Objects) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The inputs and labels [N] of its test part alone, in a part of the memory. Raises as `arrays_of` does."""
    if not dataset.kept:
        return load_test(dataset.name, data_folder)
    found = _contents(dataset, TEST, objects)
    return found["test_images"], found["test_labels"]


def _contents(dataset: Dataset, arrays: Sequence[str], objects: Objects) -> dict[str, NDArray[Any]]:
    """These of its arrays, by their names."""
    files = {file.name: file for file in dataset.files}
    try:
        return {name: npy.decode(objects.read(stored(dataset, files[file_name(name)]))) for name in arrays}
    except (DamagedObject, ValueError) as error:
        told = "it was deleted, or its files are damaged; upload it again under this name"
        raise DatasetUnavailable(f"dataset '{dataset.name}' is not here: {error}; {told}") from None


def file_name(array: str) -> str:
    """What the file of an array is called."""
    return f"{array}.npy"


def stored(dataset: Dataset, file: File) -> Stored:
    """A file of an uploaded dataset, as the store has it."""
    return Stored(keys.of_dataset(dataset.kept, file.name), file.size, file.sha256)
