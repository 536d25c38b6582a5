import hashlib
from pathlib import Path

import numpy as np

from jobs.datasets.catalogue import CATALOGUE
from jobs.datasets.loading import available, load

NOWHERE = Path("/nonexistent")


def test_synthetic_has_the_same_bytes_on_every_machine() -> None:
    made = load("synthetic", NOWHERE)
    content = (made.train_images, made.train_labels.astype("<i8"), made.test_images, made.test_labels.astype("<i8"))
    sha256 = hashlib.sha256(b"".join(array.tobytes() for array in content)).hexdigest()
    assert sha256 == "837aadb6e9dde3726ff8786ebda21d7e961a74b0d2c66050c32ef175b5948f58"


def test_synthetic_is_what_the_catalogue_says() -> None:
    dataset, made = CATALOGUE["synthetic"].dataset, load("synthetic", NOWHERE)
    assert made.train_images.shape == (dataset.train, *dataset.shape)
    assert made.test_images.shape == (dataset.test, *dataset.shape)
    assert made.train_images.dtype == made.test_images.dtype == np.uint8
    assert made.train_labels.dtype == made.test_labels.dtype == np.int64
    assert len(made.train_labels) == dataset.train
    assert len(made.test_labels) == dataset.test


def test_synthetic_needs_no_data_folder() -> None:
    assert available("synthetic", NOWHERE)


def test_its_classes_are_about_equally_many() -> None:
    made = load("synthetic", NOWHERE)
    assert np.bincount(made.train_labels).min() > 900
    assert np.bincount(made.test_labels).min() > 160


def test_its_classes_can_be_told_apart_but_not_by_their_means_alone() -> None:
    made = load("synthetic", NOWHERE)
    train, test = (images.reshape(len(images), -1) >= 128 for images in (made.train_images, made.test_images))
    means = np.stack([train[made.train_labels == digit].mean(axis=0) for digit in range(10)])
    scores = test @ means.T - (means**2).sum(axis=1) / 2
    accuracy = (scores.argmax(axis=1) == made.test_labels).mean()
    assert 0.6 < accuracy < 0.9
