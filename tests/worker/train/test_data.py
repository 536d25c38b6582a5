from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from jobs.datasets.arrays import Arrays
from jobs.spec.document import Data
from jobs.spec.inputs import training_parts
from worker.train.data import DeviceDataset, batch_indices, batches, prepare

CPU = torch.device("cpu")


def arrays(count: int = 7) -> Arrays:
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (count, 2, 3, 3), dtype=np.uint8)
    labels = np.arange(count, dtype=np.int64)
    return Arrays(images, labels, images[:3].copy(), labels[:3].copy())


def inputs(dataset: DeviceDataset) -> torch.Tensor:
    return dataset.inputs(dataset.train.images)


@given(seed=st.integers(0, 2**53), count=st.integers(1, 50), size=st.integers(1, 50), epoch=st.integers(0, 5))
def test_an_epoch_visits_every_example_once(seed: int, count: int, size: int, epoch: int) -> None:
    size = min(size, count)
    per_epoch = -(-count // size)
    steps = range(epoch * per_epoch + 1, (epoch + 1) * per_epoch + 1)
    visited = np.concatenate([batch_indices(seed, step, size, count) for step in steps])
    assert sorted(visited) == list(range(count))


def test_seeds_and_epochs_have_orders_of_their_own() -> None:
    orders = [tuple(batch_indices(seed, step, 100, 100)) for seed in (0, 1) for step in (1, 2)]
    assert len(set(orders)) == 4


@pytest.mark.parametrize("cut", [1, 3, 4, 9])
def test_batches_do_not_depend_on_where_blocks_are_cut(cut: int) -> None:
    options = Data(batch_size=3, binarize=False)
    dataset = prepare(arrays(), options, CPU)
    whole, parts = (
        [
            batch
            for first, last in spans
            for each in batches(dataset, options, 5, first, last)
            for batch in zip(*each, strict=True)
        ]
        for spans in ([(1, 10)], [(1, cut), (cut + 1, 10)])
    )
    assert len(whole) == 10
    for (images, labels), (other_images, other_labels) in zip(whole, parts, strict=True):
        assert torch.equal(images, other_images)
        assert torch.equal(labels, other_labels)


def test_batches_come_together_as_far_as_they_have_one_size() -> None:
    dataset, options = prepare(arrays(), Data(batch_size=3, binarize=False), CPU), Data(batch_size=3, binarize=False)
    count = len(dataset.train)
    per_epoch = -(-count // 3)
    assert count % 3
    shapes = [each.labels.shape for each in batches(dataset, options, 5, 1, per_epoch + 2)]
    assert shapes == [(per_epoch - 1, 3), (1, count % 3), (2, 3)]


def test_a_pixel_is_one_from_half_of_full_scale_up() -> None:
    dataset = prepare(arrays(), Data(binarize=True), CPU)
    expected = torch.from_numpy(arrays().train_images) >= 128
    assert torch.equal(inputs(dataset), expected.float())


def test_standardized_channels_have_mean_zero_and_sd_one_over_the_training_set() -> None:
    x = inputs(prepare(arrays(), Data(binarize=False, normalize="standardize"), CPU)).double()
    torch.testing.assert_close(x.mean((0, 2, 3)), torch.zeros(2, dtype=torch.float64), atol=1e-6, rtol=0)
    torch.testing.assert_close(x.std((0, 2, 3), correction=0), torch.ones(2, dtype=torch.float64), atol=1e-6, rtol=0)


def test_all_parts_are_whitened_by_what_is_trained_on_alone() -> None:
    options = Data.model_validate({"binarize": False, "normalize": "whiten", "train_samples": 40, "validation": 0.2})
    images = arrays(100)
    images.train_labels[:] = np.arange(100) % 2
    dataset = prepare(images, options, CPU)
    other = images.train_images.copy()
    train, _ = training_parts(images, options)
    other[~(other[:, None] == train.images).all((2, 3, 4)).any(1)] = 0  # what is held out, or beyond the first ones
    assert not np.array_equal(other, images.train_images)
    same = prepare(replace(images, train_images=other), options, CPU)
    assert torch.equal(inputs(dataset), inputs(same))
    assert dataset.preprocessing.matrix is not None
    assert dataset.validation is not None
    for part, stored in ((dataset.train, train.images), (dataset.test, images.test_images)):
        wanted = torch.from_numpy(dataset.preprocessing(stored))
        torch.testing.assert_close(dataset.inputs(part.images), wanted, atol=1e-5, rtol=1e-5)
    assert dataset.validation.images.dtype == torch.float32


@pytest.mark.parametrize(("normalize", "highest"), [("none", 255), ("unit", 1)])
def test_raw_pixels_and_pixels_from_zero_to_one(normalize: str, highest: float) -> None:
    images = arrays()
    images.train_images[0] = 255
    options = Data.model_validate({"binarize": False, "normalize": normalize})
    assert inputs(prepare(images, options, CPU)).max() == highest


def test_only_the_first_training_examples_are_used_when_asked() -> None:
    dataset = prepare(arrays(), Data(train_samples=4), CPU)
    assert dataset.train.labels.tolist() == [0, 1, 2, 3]
    assert len(dataset.test) == 3
