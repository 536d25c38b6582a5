from pathlib import Path

import numpy as np
import pytest

from jobs.datasets.judging.faults import Faults
from jobs.datasets.judging.parts import Part, Parts
from jobs.datasets.judging.writing import write
from jobs.errors import DatasetRefused
from tests.support.uploads import labels, noise

MASK = np.array([False, True, False, False])


def parts_of(*blocks: int) -> Parts:
    """Four labels, and examples in blocks of so many."""
    part = Part(labels(4), lambda: iter([noise(number, 1, 2, 3) for number in blocks]))
    return Parts("npz", (1, 2, 3), "uint8", ("0", "1"), part, None, ())


def written(parts: Parts, folder: Path) -> None:
    of_split = {"train": labels(4)[~MASK], "test": labels(4)[MASK]}
    write(parts, of_split, MASK, folder, Faults())


def test_what_is_held_out_goes_into_the_test_part_whatever_the_blocks(tmp_path: Path) -> None:
    written(parts_of(1, 3), tmp_path)
    examples = np.concatenate([noise(1, 1, 2, 3), noise(3, 1, 2, 3)])
    assert (np.load(tmp_path / "train_images.npy") == examples[~MASK]).all()
    assert (np.load(tmp_path / "test_images.npy") == examples[MASK]).all()
    assert np.load(tmp_path / "test_labels.npy").tolist() == [1]


@pytest.mark.parametrize("blocks", [(3,), (4, 1), (2, 9)])
def test_examples_that_are_fewer_or_more_than_the_labels_are_a_fault(blocks: tuple[int, ...], tmp_path: Path) -> None:
    with pytest.raises(DatasetRefused, match=f"there are {sum(blocks)} examples to 4 labels in the train part"):
        written(parts_of(*blocks), tmp_path)
