"""What a document trains on of its dataset."""

import numpy as np

from jobs.datasets.arrays import Arrays
from jobs.datasets.preprocessing import Preprocessing
from jobs.spec.document import Data
from jobs.spec.inputs import found_preprocessing, training_parts

IMAGES = np.arange(8, dtype=np.uint8).reshape(8, 1, 1, 1)
ARRAYS = Arrays(IMAGES, np.arange(8) % 2, IMAGES[:2], np.arange(2))


def test_nothing_that_is_held_out_is_trained_on_nor_decides_what_becomes_of_inputs() -> None:
    data = Data.model_validate({"validation": 0.5, "train_samples": 3, "normalize": "standardize"})
    train, validation = training_parts(ARRAYS, data)
    assert validation is not None
    assert (len(train.images), len(validation.images)) == (3, 4)
    assert not set(train.images.ravel()) & set(validation.images.ravel())
    assert found_preprocessing(train, data).shift == (train.images.mean(),)


def test_without_a_validation_part_all_is_trained_on() -> None:
    train, validation = training_parts(ARRAYS, Data(binarize=True))
    assert validation is None
    assert train.images.tolist() == IMAGES.tolist()
    assert found_preprocessing(train, Data(binarize=True)) == Preprocessing(True, (0.0,), (1.0,))
