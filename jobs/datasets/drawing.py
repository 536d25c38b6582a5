"""Draws examples of a dataset of the catalogue, as uploaded ones have them; it loads a library of images."""

import tempfile
from pathlib import Path

from jobs.datasets.catalogue import named
from jobs.datasets.judging.outputs import SHEET
from jobs.datasets.judging.sheet import Sheet
from jobs.datasets.loading import load


def sheet_of(name: str, data_folder: Path) -> bytes:
    """The picture, as a PNG. Raises NotFound and DatasetUnavailable."""
    dataset, arrays = named(name).dataset, load(name, data_folder)
    sheet = Sheet(dataset.shape, dataset.classes)
    sheet.add(arrays.train_images, arrays.train_labels)
    with tempfile.TemporaryDirectory() as folder:
        sheet.save(Path(folder))
        return (Path(folder) / SHEET).read_bytes()
