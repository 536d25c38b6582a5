from pathlib import Path

import numpy as np
import pytest

from jobs.datasets.files import FILES, folder_of
from jobs.datasets.loading import available, load, load_test
from jobs.errors import DatasetUnavailable, NotFound

IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = FILES["mnist"]


def test_mnist_is_what_its_authors_published(mnist: Path) -> None:
    arrays = load("mnist", mnist)
    assert arrays.train_images.shape == (60_000, 1, 28, 28)
    assert arrays.test_images.shape == (10_000, 1, 28, 28)
    assert arrays.train_images.dtype == arrays.test_images.dtype == np.uint8
    assert arrays.train_labels.dtype == arrays.test_labels.dtype == np.int64
    assert arrays.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert arrays.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # The mean and sd of a pixel that everybody standardizes MNIST with.
    assert round(arrays.train_images.mean() / 255, 4) == 0.1307
    assert round(arrays.train_images.std() / 255, 4) == 0.3081


@pytest.mark.parametrize("name", ["mnist", "synthetic"])
def test_the_test_part_alone_is_that_of_all(name: str, mnist: Path) -> None:
    whole, (images, labels) = load(name, mnist), load_test(name, mnist)
    assert (images == whole.test_images).all()
    assert (labels == whole.test_labels).all()


def test_loaded_arrays_belong_to_the_caller(mnist: Path) -> None:
    load("mnist", mnist).train_images[:] = 0
    assert load("mnist", mnist).train_images.any()


def test_a_dataset_that_is_not_here_says_where_it_was_looked_for_and_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnavailable) as caught:
        load("mnist", tmp_path)
    assert str(caught.value) == (
        f"dataset 'mnist' is not here: looked in {tmp_path}/datasets/mnist: train-images-idx3-ubyte is not there; "
        f"run: BNLAB_DATA={tmp_path} bnlab data fetch mnist"
    )


def test_a_single_changed_bit_is_refused(own_mnist: Path) -> None:
    path = folder_of("mnist", own_mnist) / TEST_IMAGES.name
    content = bytearray(path.read_bytes())
    content[5_000_000] ^= 1
    path.write_bytes(content)
    expected = (
        rf"{TEST_IMAGES.name} is damaged: expected SHA-256 {TEST_IMAGES.sha256}, got \w{{64}}; run: .*fetch mnist"
    )
    with pytest.raises(DatasetUnavailable, match=expected):
        load("mnist", own_mnist)


def test_a_truncated_file_is_refused(own_mnist: Path) -> None:
    path = folder_of("mnist", own_mnist) / LABELS.name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetUnavailable, match=f"{LABELS.name} is damaged: expected 60008 bytes, got 60007"):
        load("mnist", own_mnist)


def test_a_file_that_cannot_be_read_says_why(own_mnist: Path) -> None:
    path = folder_of("mnist", own_mnist) / TEST_LABELS.name
    path.unlink()
    path.mkdir()
    with pytest.raises(DatasetUnavailable, match=f"{TEST_LABELS.name} cannot be read: Is a directory"):
        load("mnist", own_mnist)


def test_a_dataset_is_available_once_all_its_files_are_there_in_their_sizes(own_mnist: Path, tmp_path: Path) -> None:
    assert available("mnist", own_mnist)
    assert not available("mnist", tmp_path)
    (folder_of("mnist", own_mnist) / LABELS.name).write_bytes(b"short")
    assert not available("mnist", own_mnist)


def test_a_dataset_that_does_not_exist_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no dataset 'imagenet'"):
        load("imagenet", tmp_path)
    with pytest.raises(NotFound, match="no dataset 'imagenet'"):
        available("imagenet", tmp_path)
