"""Images that are moved and mirrored at random, and never by chance."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from jobs.spec.document import Augmentation
from tests.support.small_runs import recorded, small_run
from worker.train.augmentation import Draws, augmented, draws
from worker.train.data import batch_indices, batches
from worker.train.state import Run

IMAGE = torch.arange(1, 10, dtype=torch.uint8).view(1, 1, 3, 3)


def drawn(top: int, left: int, mirrored: bool = False) -> Draws:
    """Draws that put the window of an image there, of three places along each axis."""
    return np.array([[top / 3 + 0.1, left / 3 + 0.1, 0.0 if mirrored else 0.9]])


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (drawn(1, 1), [[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
        (drawn(0, 1), [[0, 0, 0], [1, 2, 3], [4, 5, 6]]),
        (drawn(2, 0), [[0, 4, 5], [0, 7, 8], [0, 0, 0]]),
        (drawn(1, 2), [[2, 3, 0], [5, 6, 0], [8, 9, 0]]),
        (drawn(1, 1, mirrored=True), [[3, 2, 1], [6, 5, 4], [9, 8, 7]]),
        (drawn(1, 2, mirrored=True), [[2, 1, 0], [5, 4, 0], [8, 7, 0]]),
    ],
)
def test_an_image_is_moved_and_mirrored_as_was_drawn(draw: Draws, expected: list[list[int]]) -> None:
    assert augmented(IMAGE, Augmentation(shift=1, flip=True), draw)[0, 0].tolist() == expected


def test_no_shift_and_no_flip_change_nothing() -> None:
    options = Augmentation(shift=0)
    images = torch.randint(0, 256, (5, 3, 4, 6), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    assert torch.equal(augmented(images, options, draws(0, 0, 5)), images)


def test_every_shift_comes_about_equally_often_and_half_are_mirrored() -> None:
    image = torch.zeros(1, 1, 5, 5, dtype=torch.uint8)
    image[..., 2, 2] = 1  # where this one is afterwards says how an image was moved
    moved = augmented(image.expand(10_000, -1, -1, -1), Augmentation(shift=2), draws(seed=0, epoch=3, count=10_000))
    counts = moved.sum((0, 1), dtype=torch.int64)
    assert ((counts - 400).abs() < 100).all()
    lopsided = torch.tensor([[[[1, 0]]]], dtype=torch.uint8).expand(10_000, -1, -1, -1)
    mirrored = augmented(lopsided, Augmentation(shift=0, flip=True), draws(0, 3, 10_000))[:, 0, 0, 1]
    assert abs(mirrored.float().mean() - 0.5) < 0.02


def test_seeds_and_epochs_draw_for_themselves() -> None:
    assert len({tuple(draws(seed, epoch, 100)[:, 0]) for seed in (0, 1) for epoch in (0, 1)}) == 4


@given(count=st.integers(1, 200), more=st.integers(0, 200))
def test_an_examples_draws_are_the_same_however_many_examples_there_are(count: int, more: int) -> None:
    assert np.array_equal(draws(3, 4, count), draws(3, 4, count + more)[:count])


def augmenting(batch_size: int) -> Run:
    data = {
        "dataset": "synthetic",
        "train_samples": 40,
        "batch_size": batch_size,
        "augment": {"shift": 3, "flip": True},
    }
    return small_run(data=data, batch_norm=False)


def by_example(run: Run, epoch: int, cut: int) -> dict[int, torch.Tensor]:
    """What each example becomes in an epoch whose batches are gathered up to `cut` and from there on."""
    size = run.spec.data.batch_size
    per_epoch = -(-40 // size)
    first, last = epoch * per_epoch + 1, (epoch + 1) * per_epoch
    cut = min(max(cut, first), last)
    found: dict[int, torch.Tensor] = {}
    spans = [(first, cut), (cut + 1, last)] if cut < last else [(first, last)]
    for start, stop in spans:
        every = (images for each in batches(run.dataset, run.spec.data, 7, start, stop) for images in each.pixels)
        for step, images in enumerate(every, start):
            found.update(zip(batch_indices(7, step, size, 40).tolist(), images, strict=True))
    return found


@given(size=st.integers(2, 40), epoch=st.integers(0, 3), cut=st.integers(1, 80))
def test_what_becomes_of_an_example_depends_on_seed_epoch_and_example_alone(size: int, epoch: int, cut: int) -> None:
    expected = by_example(augmenting(10), epoch, 0)
    found = by_example(augmenting(size), epoch, cut)
    assert found.keys() == expected.keys() == set(range(40))
    assert all(torch.equal(found[example], expected[example]) for example in expected)


def test_test_images_are_left_alone() -> None:
    plain, moved = small_run(), augmenting(10)
    assert torch.equal(plain.dataset.test.images, moved.dataset.test.images)


@pytest.mark.parametrize(
    "architecture",
    [
        {"preset": "mlp", "hidden": [20]},
        {"preset": "convnet", "channels": [2], "hidden": [4]},
        {"preset": "resnet", "channels": 2},
        {"preset": "bn_inception", "width": 0.03, "dropout": 0.4},
        {
            "layers": [
                {"kind": "flatten"},
                {"kind": "dropout"},
                {"kind": "linear", "features": 20, "activation": "relu"},
                {"kind": "dropout", "rate": 0.1},
                {"kind": "linear", "features": 10},
            ]
        },
    ],
    ids=["mlp", "convnet", "resnet", "bn_inception", "dropout in a list"],
)
def test_two_runs_of_one_seed_are_bit_identical(architecture: dict[str, object]) -> None:
    run = small_run(
        architecture=architecture,
        data={"dataset": "synthetic", "batch_size": 20, "train_samples": 110, "augment": {"flip": True}},
        training={"steps": 9, "optimizer": "adam", "label_smoothing": 0.1},
        recording={"probe_size": 50, "probe_every": 4, "histograms_every": 3},
    )
    torch.manual_seed(1)
    one = recorded(run)
    torch.manual_seed(2)  # whatever was drawn before
    other = recorded(run)
    for table, rows in one.items():
        for name, values in rows.columns.items():
            assert np.array_equal(values.view(np.uint32), other[table].columns[name].view(np.uint32)), (table, name)
