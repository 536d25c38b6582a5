import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.judging import faults_of, judged, the_fault
from tests.support.uploads import SIDE, labels, members_of, noise, npy, npz, small_npz, zipped

MEDMNIST = {
    f"{split}_{what}": noise(4, SIDE, SIDE, seed=place) if what == "images" else labels(4)[:, np.newaxis]
    for place, split in enumerate(("train", "val", "test"))
    for what in ("images", "labels")
}


def test_grey_images_come_out_as_they_went_in(tmp_path: Path) -> None:
    dataset = judged(small_npz(), tmp_path)
    found = dataset.found
    assert (found.source_format, found.shape, found.dtype) == ("npz", (1, SIDE, SIDE), "uint8")
    assert (found.classes, found.train_counts, found.test_counts) == (("0", "1"), (4, 4), (2, 2))
    assert found.warnings == ()
    pixels = noise(8, SIDE, SIDE)
    assert (dataset.train_images[:, 0] == pixels).all()
    assert (dataset.test_images[:, 0] == noise(4, SIDE, SIDE, seed=1)).all()
    assert dataset.train_labels.tolist() == [0, 1] * 4
    assert dataset.test_labels.dtype == np.int64
    np.testing.assert_allclose((found.mean[0], found.sd[0]), (pixels.mean(), pixels.std()), rtol=1e-12)


@pytest.mark.parametrize("shape", [(8, 5, 7, 3), (8, 3, 5, 7)])
def test_channels_stand_first_or_last(shape: tuple[int, ...], tmp_path: Path) -> None:
    pixels = noise(*shape)
    dataset = judged(npz(x_train=pixels, y_train=labels(8)), tmp_path, test=0.25)
    assert dataset.found.shape == (3, 5, 7)
    first = pixels[~np.isin(np.arange(8), _held(dataset.train_images, pixels))]
    assert len(first) == 6
    expected = first if shape[1] == 3 else first.transpose(0, 3, 1, 2)
    assert (dataset.train_images == expected).all()


def _held(kept: Any, pixels: Any) -> list[int]:
    """Which of the images are in no kept one."""
    there = {image.tobytes() for image in kept} | {image.transpose(1, 2, 0).tobytes() for image in kept}
    return [place for place, image in enumerate(pixels) if image.tobytes() not in there]


def test_where_both_readings_fit_the_one_that_is_taken_is_told(tmp_path: Path) -> None:
    found = judged(npz(x_train=noise(8, 3, 9, 1), y_train=labels(8)), tmp_path, test=0.25).found
    assert found.shape == (3, 9, 1)
    assert found.warnings == ("[8, 3, 9, 1] could be [N, C, H, W] or [N, H, W, C]: it is read as [N, C, H, W]",)


def test_features_become_float32(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(8, 3))
    dataset = judged(npz(x_train=values.astype(">f8"), y_train=labels(8), x_test=values, y_test=labels(8)), tmp_path)
    assert (dataset.found.shape, dataset.found.dtype) == ((3,), "float32")
    assert (dataset.train_images == values.astype(np.float32)).all()
    assert dataset.train_images.dtype == np.float32
    np.testing.assert_allclose(dataset.found.mean, values.mean(0), rtol=1e-6)
    np.testing.assert_allclose(dataset.found.sd, values.std(0), rtol=1e-6)
    assert not (tmp_path / "sheet.png").exists()


def test_flat_bytes_are_features_and_it_is_told(tmp_path: Path) -> None:
    found = judged(npz(x_train=noise(8, 9), y_train=labels(8)), tmp_path, test=0.25).found
    assert found.warnings == ("[N, 9] of uint8 is read as 9 features: save images as [N, H, W]",)


def test_a_validation_part_is_joined_to_the_training_part(tmp_path: Path) -> None:
    dataset = judged(npz(**MEDMNIST), tmp_path)
    assert (dataset.found.train_counts, dataset.found.test_counts) == ((4, 4), (2, 2))
    assert dataset.found.warnings == ("the validation part of the file is joined to its training part",)
    assert (dataset.train_images[4:, 0] == MEDMNIST["val_images"]).all()


def test_images_are_scaled_to_the_size_that_is_asked_for(tmp_path: Path) -> None:
    assert judged(small_npz(), tmp_path, size=3).train_images.shape == (8, 1, 3, 3)


@pytest.mark.parametrize("kind", ["u1", "<i2", ">i4", "<u8", "?"])
def test_labels_of_any_whole_numbers_are_read(kind: str, tmp_path: Path) -> None:
    assert judged(small_npz(y_train=labels(8).astype(kind)), tmp_path).train_labels.tolist() == [0, 1] * 4


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        (
            {"x_train": noise(8, SIDE, SIDE) / 255},
            r"x_train\.npy: has images of float64: save them as uint8 .* \(255 \* x\)",
        ),
        ({"x_train": noise(8, SIDE, SIDE).astype(int)}, r"x_train\.npy: has images of int64: save them as uint8"),
        ({"x_train": noise(8, SIDE, SIDE, 4)}, r"x_train\.npy: has shape \[8, 6, 6, 4\]: images have 1 or 3 channels"),
        ({"x_train": noise(8)}, r"x_train\.npy: has shape \[8\]: images are \[N, H, W\]"),
        ({"x_train": noise(1, 1, 1, 1, 1)}, r"x_train\.npy: has 5 dimensions"),
        ({"x_train": noise(8, 4097, 1)}, r"x_train\.npy: .* at most 4096 pixels a side"),
        ({"x_train": np.zeros((8, 10_001), "f4")}, r"x_train\.npy: has 10,001 features: at most 10,000"),
        ({"x_train": noise(7, SIDE, SIDE)}, r"x_train\.npy: has 7 examples, and there are 8 labels"),
        ({"x_test": noise(4, 5, 5)}, r"x_test\.npy: has examples of uint8 \[1, 5, 5\], and the training part of uint8"),
        ({"x_train": noise(0, SIDE, SIDE)}, r"x_train\.npy: has shape \[0, 6, 6\]: it is empty"),
        (
            {"y_train": np.eye(8)},
            r"y_train\.npy: has shape \[8, 8\]: labels are \[N\] whole numbers, such as x\.argmax",
        ),
        ({"y_train": labels(8) * 1.0}, r"y_train\.npy: labels are float64: .*astype\('int64'\)"),
        (
            {"y_train": np.array([0, 1, 0, -1] * 2)},
            r"y_train\.npy: example 3 has label -1, and 1 more: labels are numbered",
        ),
        ({"y_train": np.array([0, 2**64 - 1] * 4, "u8")}, r"y_train\.npy: example 1 has label 18446744073709551615"),
        ({"y_train": labels(8) * 10_000}, r"y_train\.npy: example 1 has label 10000, .*at most 10,000 classes"),
        ({"y_train": labels(8) * 3}, r"labels have gaps: they reach 3, and none is 2: number them from 0"),
        ({"y_test": np.array([0, 1, 2, 2])}, r"no training example is of class '2'"),
        ({"y_train": labels(8, 1), "y_test": labels(4, 1)}, "there is one class alone"),
        ({"y_train": np.array(["cat", "dog"] * 4)}, r"y_train\.npy: holds values of type '<U3': save plain numbers"),
        ({"y_train": None}, "there are no labels of the part 'train'"),
        ({"x_test": None}, "there are no examples of the part 'test'"),
        ({"x_test": None, "y_test": None}, r"there is no test part: say test=0\.2"),
        ({"extra": labels(8)}, r"extra\.npy: is none of the arrays that are read: x_train, y_train"),
        (
            {"train_images": noise(8, SIDE, SIDE)},
            r"train_images\.npy: is there beside x_train\.npy|x_train\.npy: .*beside",
        ),
    ],
)
def test_what_is_wrong_with_an_array_is_told_with_its_name(arrays: dict[str, Any], told: str, tmp_path: Path) -> None:
    fault = the_fault(small_npz(**arrays), tmp_path)
    assert re.search(told, fault), fault


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (np.nan, "example 5, feature 1 is NaN: fill in a number, or leave the example out"),
        (-np.inf, "example 5, feature 1 is infinite"),
        (1e39, "example 5, feature 1 is 1e+39: float32 reaches 3.4e38"),
    ],
)
def test_numbers_that_are_not_finite_are_refused(value: float, told: str, tmp_path: Path) -> None:
    values = np.ones((8, 3))
    values[5, 1] = value
    assert the_fault(npz(x_train=values, y_train=labels(8)), tmp_path, test=0.25) == f"x_train.npy: {told}"


def test_of_numbers_that_are_all_wrong_the_first_are_told_and_the_others_counted(tmp_path: Path) -> None:
    faults = faults_of(npz(x_train=np.full((8, 100), np.nan), y_train=labels(8)), tmp_path, test=0.25)
    assert (faults[19].message[:22], faults[20].message) == ("example 0, feature 19 ", "and 780 more faults")


def test_what_is_wrong_with_several_arrays_is_told_at_once(tmp_path: Path) -> None:
    faults = faults_of(small_npz(x_train=noise(8, 2, 2, 9), y_train=np.eye(8), y_test=labels(4) * 1.0), tmp_path)
    assert [fault.member for fault in faults] == ["x_train.npy", "y_train.npy", "y_test.npy"]


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return (os.system, (f"touch {tmp_path / 'pwned'}",))

    objects = np.array([Evil()] * 8, dtype=object)
    assert the_fault(small_npz(y_train=objects), tmp_path).startswith("y_train.npy: holds Python objects")
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    ("member", "told"),
    [
        (npy("[('a', '<i4')]", "(2,)"), "holds records"),
        (npy("('<i4', (2,))", "(2,)"), "holds records"),
        (npy("'|S2'", "(2,)"), "holds values of type '|S2'"),
        (npy("'<c8'", "(2,)"), "holds values of type '<c8'"),
        (npy("'<M8[ns]'", "(2,)"), "holds values of type '<M8[ns]'"),
        (npy("'|u1'", "(2,)", "True"), "is in Fortran order"),
        (npy("'|u1'", "(-2,)"), "has a header that makes no sense"),
        (npy("'|u1'", "()"), "has 0 dimensions"),
        (npy("'<f8'", "(2, 10000000000)"), "at most 4,294,967,296 bytes are read"),
        (npy("'|u1'", f"(0x{'f' * 5000},)"), "has a header that makes no sense"),
        (npy("'|u1'", "(2.0,)"), "has a header that makes no sense"),
        (npy("'|u1'", "(True,)"), "has a header that makes no sense"),
        (npy("'|u1'", "[2]"), "has a header that makes no sense"),
        (npy("__import__('os').abort()", "(2,)"), "has a header that makes no sense"),
        (npy("(" * 4000, "(2,)"), "has a header that makes no sense"),
        (npy("-" * 9000 + "1", "(2,)"), "has a header that makes no sense"),
        (npy("'\\N{DOG}'", "(2,)"), "holds values of type"),
        (npy("'|u1'", "(2,)", length=65_000), "has a header of 65,000 bytes"),
        (npy("'|u1'", "(2,)", length=9_000), "ends early"),
        (npy("'|u1'", "(3,)"), "bytes in the archive, and"),
        (b"\x93NUMPY\7\0" + bytes(9), "is no .npy file"),
        (b"\x93NUMPY", "ends early"),
        (b"hello, is this a picture?", "is no .npy file"),
    ],
)
def test_a_header_is_checked_before_any_data_is_read(member: bytes, told: str, tmp_path: Path) -> None:
    whole = {name: content for name, content in members_of(small_npz()).items() if name != "y_train.npy"}
    assert told in the_fault(zipped(whole | {"y_train.npy": member}), tmp_path)


def test_a_damaged_array_is_told_when_it_is_decoded(tmp_path: Path) -> None:
    content = bytearray(zipped(members_of(small_npz()), 0))
    content[content.index(b"x_test.npy") + 200] ^= 1
    assert the_fault(bytes(content), tmp_path) == "x_test.npy: is damaged: its checksum is another one"
