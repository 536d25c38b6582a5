"""An uploaded dataset as arrays, mapped from the store where it is kept."""

from pathlib import Path

from jobs.datasets.arrays import Arrays, check_arrays
from jobs.datasets.catalogue import Dataset
from jobs.datasets.files import File
from jobs.datasets.formats import npy
from jobs.datasets.loading import load
from jobs.errors import DamagedObject, DatasetUnavailable
from jobs.storage import keys
from jobs.storage.objects.protocol import Objects, Stored

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")
"""The files that it is kept as, without `.npy`: the fields of `Arrays`."""


def arrays_of(dataset: Dataset, data_folder: Path, objects: Objects) -> Arrays:
    """The arrays of any dataset that a job names. Raises DatasetUnavailable, and NotFound where nobody knows it."""
    if not dataset.kept:
        return load(dataset.name, data_folder)
    try:
        contents = {file.name: npy.decode(objects.read(stored(dataset, file))) for file in dataset.files}
    except (DamagedObject, ValueError) as error:
        told = "it was deleted, or its files are damaged; upload it again under this name"
        raise DatasetUnavailable(f"dataset '{dataset.name}' is not here: {error}; {told}") from None
    arrays = Arrays(**{name: contents[file_name(name)] for name in ARRAYS})
    check_arrays(dataset, arrays)
    return arrays


def file_name(array: str) -> str:
    """What the file of an array is called."""
    return f"{array}.npy"


def stored(dataset: Dataset, file: File) -> Stored:
    """A file of an uploaded dataset, as the store has it."""
    return Stored(keys.of_dataset(dataset.kept, file.name), file.size, file.sha256)
