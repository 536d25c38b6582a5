from pathlib import Path

import numpy as np
import pytest

from jobs.datasets.judging.readers import folders
from tests.support.judging import faults_of, judged, the_fault
from tests.support.uploads import SIDE, encoded, foldered, noise, picture, zipped


@pytest.mark.parametrize("around", ["", "pets/"])
@pytest.mark.parametrize(("train", "test"), [("train/", "test/"), ("Training/", "testing/")])
def test_folders_of_classes_stand_in_train_and_test_with_or_without_one_around(
    around: str, train: str, test: str, tmp_path: Path
) -> None:
    members = foldered(around + train) | foldered(around + test, each=2)
    dataset = judged(zipped(members), tmp_path)
    found = dataset.found
    assert (found.source_format, found.shape, found.dtype) == ("folders", (1, SIDE, SIDE), "uint8")
    assert (found.classes, found.train_counts, found.test_counts) == (("cat", "dog"), (4, 4), (2, 2))
    assert dataset.train_labels.tolist() == [0] * 4 + [1] * 4
    assert (dataset.train_images[5, 0] == noise(SIDE, SIDE, seed=101)).all()


@pytest.mark.parametrize("around", ["", "pets/"])
def test_classes_alone_need_a_share_to_test_with(around: str, tmp_path: Path) -> None:
    content = zipped(foldered(around))
    assert the_fault(content, tmp_path).startswith("there is no test part: say test=0.2")
    found = judged(content, tmp_path, test=0.25).found
    assert (found.train_counts, found.test_counts) == ((3, 3), (1, 1))


def test_pictures_may_stand_in_folders_below_their_class(tmp_path: Path) -> None:
    found = judged(zipped(foldered("train/", "test/") | {"train/cat/siamese/9.png": picture()}), tmp_path).found
    assert (found.classes, found.train_counts) == (("cat", "dog"), (5, 4))


def test_validation_pictures_are_joined_to_the_training_part(tmp_path: Path) -> None:
    found = judged(zipped(foldered("train/", "val/", "test/")), tmp_path).found
    assert found.train_counts == (8, 8)
    assert found.warnings == ("the folder of validation pictures is joined to the training part",)


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    found = judged(zipped(foldered(classes=("bus", "train"))), tmp_path, test=0.25).found
    assert found.classes == ("bus", "train")


def test_classes_are_sorted_by_their_characters_as_torchvision_does(tmp_path: Path) -> None:
    found = judged(zipped(foldered(classes=("b", "a10", "a9", "Z"))), tmp_path, test=0.25).found
    assert found.classes == ("Z", "a10", "a9", "b")


def test_the_order_in_an_archive_does_not_matter(tmp_path: Path) -> None:
    members = foldered("train/", "test/")
    for name, order in (("one", members), ("other", dict(reversed(members.items())))):
        (tmp_path / name).mkdir()
        judged(zipped(order), tmp_path / name)
    one, other = ((tmp_path / name / "train_images.npy").read_bytes() for name in ("one", "other"))
    assert one == other


def test_what_systems_leave_behind_is_no_class(tmp_path: Path) -> None:
    left = {"__MACOSX/cat/._0.png": b"x", ".DS_Store": b"x", "cat/.DS_Store": b"x", "dog/Thumbs.db": b"x"}
    assert judged(zipped(left | foldered()), tmp_path, test=0.25).found.classes == ("cat", "dog")


def test_a_class_without_a_test_picture_is_warned_of(tmp_path: Path) -> None:
    found = judged(zipped(foldered("train/") | {"test/cat/1.png": picture()}), tmp_path).found
    assert found.warnings == ("no test example is of class 'dog'",)


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"bird/": b""}, "bird/: is a class's folder without pictures: put some in, or leave it out"),
        ({"README.md": b"# Pets"}, "README.md: stands in no class's folder: pictures stand in folders"),
        ({"cat/notes.txt": b"meow"}, "cat/notes.txt: is neither PNG nor JPEG: save it as one of them"),
        ({"cat/more.zip": zipped({"1.png": picture()})}, "cat/more.zip: is neither PNG nor JPEG"),
        ({"cat/9.svg.png": b"<svg onload='alert(1)'/>"}, "cat/9.svg.png: is neither PNG nor JPEG"),
        ({"cat/9.png": encoded(noise(5, 4))}, "different sizes: 6 x 6 (8), 4 x 5 (1): say size="),
        ({"n" * 201 + "/1.png": picture()}, "a name has 1 to 200 characters"),
    ],
)
def test_what_is_wrong_with_a_member_is_told_with_its_name(
    members: dict[str, bytes], told: str, tmp_path: Path
) -> None:
    assert told in the_fault(zipped(foldered() | members), tmp_path, test=0.25)


def test_a_side_that_is_too_long_can_be_scaled(tmp_path: Path) -> None:
    content = zipped({f"{name}/{place}.png": encoded(noise(1, 4097)) for name in ("cat", "dog") for place in range(4)})
    told = "an image has a side of 4,097 pixels: at most 4,096 are kept: say size="
    assert the_fault(content, tmp_path, test=0.25) == told
    assert judged(content, tmp_path, test=0.25, size=4).found.shape == (1, 4, 4)


def test_a_pictures_file_is_read_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_PICTURE", 200)
    content = zipped(foldered() | {"cat/big.png": bytes(201)})
    assert the_fault(content, tmp_path, test=0.25) == "cat/big.png: has 201 bytes: at most 200 are read"


def test_three_sizes_are_named_and_the_others_counted(tmp_path: Path) -> None:
    others = {f"cat/{10 + side}.png": encoded(noise(side, side)) for side in (1, 2, 3, 4)}
    assert "6 x 6 (8), 1 x 1 (1), 2 x 2 (1) and 2 more sizes: say size=" in the_fault(
        zipped(foldered() | others), tmp_path, test=0.25
    )
    assert judged(zipped(foldered() | others), tmp_path, test=0.25, size=4).found.shape == (1, 4, 4)


@pytest.mark.parametrize(
    ("members", "told"),
    [
        (foldered("train/") | {"cat/1.png": picture()}, "cat/1.png: stands beside the folders train and test"),
        (foldered("train/") | {"test/1.png": picture()}, "test/1.png: stands in no class's folder"),
        (foldered("test/"), "no training example is of class 'cat', 'dog'"),
        (foldered("train/") | {"test/bird/1.png": picture()}, "no training example is of class 'bird'"),
        (foldered("train/", classes=("cat",)) | foldered("test/", classes=("cat",)), "there is one class alone"),
        ({"train/": b""}, "the archive has no files"),
        ({}, "the archive has no files"),
    ],
)
def test_what_is_wrong_with_parts_and_classes_is_told(members: dict[str, bytes], told: str, tmp_path: Path) -> None:
    assert told in the_fault(zipped(members), tmp_path)


def test_twenty_faults_are_told_and_the_others_counted(tmp_path: Path) -> None:
    faults = faults_of(zipped(foldered() | {f"cat/{number}.txt": b"x" for number in range(23)}), tmp_path, test=0.25)
    assert len(faults) == 21
    assert {fault.message for fault in faults[:20]} == {"is neither PNG nor JPEG: save it as one of them"}
    assert (faults[20].member, faults[20].message) == (None, "and 3 more faults")


def test_pictures_that_turn_out_to_be_truncated_are_told_all_together(tmp_path: Path) -> None:
    truncated = encoded(noise(SIDE, SIDE))[:-30]
    faults = faults_of(zipped(foldered() | {"cat/8.png": truncated, "dog/8.png": truncated}), tmp_path, test=0.25)
    assert [fault.member for fault in faults] == ["cat/8.png", "dog/8.png"]


def test_grey_among_coloured_becomes_rgb_and_it_is_told(tmp_path: Path) -> None:
    dataset = judged(zipped(foldered("train/", "test/") | {"train/cat/9.png": picture(9, 3)}), tmp_path)
    assert dataset.found.shape == (3, SIDE, SIDE)
    assert dataset.found.warnings == ("16 grey images among 1 coloured ones become RGB",)
    assert (dataset.train_images[0] == noise(SIDE, SIDE)).all()


def test_a_transparent_background_is_warned_of(tmp_path: Path) -> None:
    members = foldered("train/", "test/") | {"train/cat/9.png": encoded(np.full((SIDE, SIDE, 4), 7, np.uint8))}
    assert "1 images have an alpha channel or a transparent colour, which is left out" in (
        judged(zipped(members), tmp_path).found.warnings
    )
