"""What a document trains on of its dataset's arrays, and what becomes of these before the network gets them."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.arrays import Arrays
from jobs.datasets.preprocessing import Preprocessing, preprocessing_of
from jobs.datasets.strata import held_out
from jobs.spec.document import Data


class Part(NamedTuple):
    """Some examples of a dataset, as it was loaded."""

    images: NDArray[Any]
    labels: NDArray[np.int64]


def training_parts(arrays: Arrays, data: Data) -> tuple[Part, Part | None]:
    """What is trained on, and what is held out of the training set."""
    whole, validation = Part(arrays.train_images, arrays.train_labels), None
    if data.validation is not None:
        mask = held_out(whole.labels, data.validation.share, data.validation.seed)
        whole, validation = (Part(*(each[chosen] for each in whole)) for chosen in (~mask, mask))
    return Part(*(each[: data.train_samples] for each in whole)), validation


def found_preprocessing(train: Part, data: Data) -> Preprocessing:
    """What `binarize` and `normalize` ask for, as it is found in what is trained on."""
    return preprocessing_of(train.images, binarize=bool(data.binarize), normalize=data.normalize or "none")
