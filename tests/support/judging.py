"""Judges what a test made, within its process."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from jobs.datasets.judging.found import Found
from jobs.datasets.judging.judge import examine
from jobs.datasets.judging.options import Options
from jobs.errors import DatasetRefused, Fault


@dataclass(frozen=True, eq=False)
class Judged:
    """What was found, and what was written of it."""

    found: Found
    train_images: NDArray[Any]
    train_labels: NDArray[np.int64]
    test_images: NDArray[Any]
    test_labels: NDArray[np.int64]


def judged(content: bytes, folder: Path, **options: Any) -> Judged:
    """The dataset that is in these bytes; the folder is empty."""
    found = examine(io.BytesIO(content), Options(**options), folder)
    names = ("train_images", "train_labels", "test_images", "test_labels")
    return Judged(found, *(np.load(folder / f"{name}.npy") for name in names))


def faults_of(content: bytes, folder: Path, **options: Any) -> tuple[Fault, ...]:
    """Everything that is wrong with these bytes."""
    with pytest.raises(DatasetRefused) as caught:
        examine(io.BytesIO(content), Options(**options), folder)
    return caught.value.faults


def the_fault(content: bytes, folder: Path, **options: Any) -> str:
    """The one thing that is wrong with these bytes, with the member that it names."""
    (fault,) = faults_of(content, folder, **options)
    return fault.message if fault.member is None else f"{fault.member}: {fault.message}"
