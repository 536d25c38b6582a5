"""A dataset as arrays in memory, and whether anything can be trained on them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.catalogue import Dataset
from jobs.errors import DatasetUnavailable


@dataclass(frozen=True, eq=False)
class Arrays:
    """Inputs and labels [N] of both sets; inputs are images [N, C, H, W] of 0 to 255, or float32 features [N, F].

    Those of an uploaded dataset lie in a file that is mapped: nobody may write to them.
    """

    train_images: NDArray[np.uint8 | np.float32]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8 | np.float32]
    test_labels: NDArray[np.int64]


def check_arrays(dataset: Dataset, arrays: Arrays) -> None:
    """Raise DatasetUnavailable where nothing can be trained on these: no examples, other inputs, labels of no class."""
    parts = (
        ("training", arrays.train_images, arrays.train_labels),
        ("test", arrays.test_images, arrays.test_labels),
    )
    for part, images, labels in parts:
        about = f"dataset '{dataset.name}' cannot be used: its {part} set"
        if not len(labels):
            raise DatasetUnavailable(f"{about} is empty")
        if images.shape != (len(labels), *dataset.shape):
            raise DatasetUnavailable(f"{about} has images {list(images.shape)} for {len(labels)} labels")
        outside = np.flatnonzero((labels < 0) | (labels >= dataset.classes))
        if len(outside):
            label, example = labels[outside[0]], outside[0]
            raise DatasetUnavailable(f"{about} has label {label} at example {example}, of {dataset.classes} classes")
