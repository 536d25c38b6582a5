"""What holds of every format: memory, limits of what is decoded, the sheet, and what is known by its bytes alone."""

import gzip
import io
import pickle
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jobs.datasets.formats import idx
from jobs.datasets.judging import judge, parts
from jobs.datasets.judging.options import Options
from jobs.datasets.strata import held_out
from tests.support.judging import faults_of, judged, the_fault
from tests.support.uploads import (
    SIDE,
    encoded,
    foldered,
    labels,
    noise,
    npz,
    picture,
    small_csv,
    small_idx,
    small_npz,
    small_parquet,
    zipped,
)

SAMPLES = {
    "npz": small_npz(x_test=None, y_test=None),
    "folders": zipped(foldered()),
    "parquet": small_parquet(),
    "csv": small_csv(),
    "idx": zipped({name: content for name, content in small_idx().items() if "train" in name}),
}


@pytest.mark.parametrize("source_format", SAMPLES)
def test_the_test_part_is_the_same_share_of_each_class_drawn_by_the_seed(source_format: str, tmp_path: Path) -> None:
    written = []
    for name, seed in (("one", 0), ("again", 0), ("other", 5)):
        folder = tmp_path / name
        folder.mkdir()
        found = judged(SAMPLES[source_format], folder, test=0.5, seed=seed).found
        assert (found.source_format, found.train_counts, found.test_counts) == (source_format, (2, 2), (2, 2))
        written.append((folder / "test_images.npy").read_bytes())
    assert written[0] == written[1]
    assert written[0] != written[2]


def test_the_test_part_is_what_strata_hold_out(tmp_path: Path) -> None:
    pixels = noise(40, SIDE, SIDE)
    dataset = judged(npz(x_train=pixels, y_train=labels(40, 4)), tmp_path, test=0.3, seed=9)
    mask = held_out(labels(40, 4), 0.3, 9)
    assert (dataset.test_images[:, 0] == pixels[mask]).all()
    assert (dataset.train_images[:, 0] == pixels[~mask]).all()
    assert dataset.test_labels.tolist() == labels(40, 4)[mask].tolist()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (gzip.compress(small_csv()), "the file is gzipped: unpack it with gunzip and upload what comes out"),
        (idx.encode(noise(8, SIDE, SIDE)), "the file is one IDX file: put the four of them into one zip"),
        (picture(), "the file is one picture: put pictures into folders by class"),
        (pickle.dumps({"x_train": [1, 2]}), "the file looks like a pickle, which runs whatever it holds"),
        (b"7z\xbc\xaf\x27\x1c", "the file is a 7z archive: make it a zip"),
        (b"\x93NUMPY\1\0", "the file is one .npy array: save all of them into one file, with numpy.savez"),
        (b"\x7fELF" + bytes(99), "the file is no CSV in UTF-8, nor is it npz, zip or Parquet"),
        (b"<html><script>alert(1)</script></html>", "there is one column"),
        (zipped({"inner.zip": zipped(foldered())}), "inner.zip: stands in no class's folder"),
        (zipped({"iris.csv": small_csv()}), "iris.csv: stands in no class's folder"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",  # whose bytes have the time in them
)
def test_what_is_no_dataset_is_told_what_to_do(content: bytes, told: str, tmp_path: Path) -> None:
    assert the_fault(content, tmp_path, test=0.2).startswith(told)


def test_a_share_that_leaves_nothing_to_test_with_is_refused(tmp_path: Path) -> None:
    assert the_fault(SAMPLES["npz"], tmp_path, test=0.01) == "the test part is empty"


def test_a_share_that_leaves_nothing_to_train_with_is_refused(tmp_path: Path) -> None:
    assert the_fault(SAMPLES["npz"], tmp_path, test=0.99) == "no training example is of class '0', '1'"


def test_a_class_with_a_single_example_is_warned_of(tmp_path: Path) -> None:
    content = small_npz(y_train=np.array([0, 0, 0, 0, 0, 0, 0, 1]))
    assert judged(content, tmp_path).found.warnings == ("one training example alone is of class '1'",)


def test_what_has_no_effect_is_told(tmp_path: Path) -> None:
    assert judged(small_npz(), tmp_path, test=0.2).found.warnings == (
        "test=0.2 has no effect: the file has a test part",
    )
    assert "size=8 is of images, and this file has features: leave it out" in the_fault(
        small_csv(), tmp_path / "csv", test=0.5, size=8
    )


def test_faults_of_the_parts_are_told_at_once(tmp_path: Path) -> None:
    faults = faults_of(npz(x_train=noise(8, SIDE, SIDE), y_train=labels(8, 1)), tmp_path)
    assert [fault.message.split(":")[0] for fault in faults] == ["there is no test part", "there is one class alone"]


def test_a_channel_that_is_the_same_everywhere_is_warned_of(tmp_path: Path) -> None:
    pixels = noise(8, SIDE, SIDE, 3)
    pixels[..., 1] = 7
    found = judged(small_npz(x_train=pixels, x_test=pixels[:4]), tmp_path).found
    assert (found.mean[1], found.sd[1]) == (7, 0)
    assert found.warnings == ("channels with one value in all training examples, counted from 0: 1",)


def test_more_than_the_limit_is_refused_before_it_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "MAX_DECODED", 12 * SIDE * SIDE - 1)
    monkeypatch.setattr(judge, "MAX_EXAMPLES", 11)
    assert [fault.message for fault in faults_of(small_npz(), tmp_path)] == [
        "there are 12 examples: at most 11 are read",
        "decoded the examples take 432 bytes: at most 431 are kept",
    ]
    assert list(tmp_path.iterdir()) == []


def test_scaling_up_is_within_the_same_limit(tmp_path: Path) -> None:
    content = npz(x_train=noise(512, 1, 1), y_train=labels(512))
    assert the_fault(content, tmp_path, test=0.5, size=4096).startswith("decoded the examples take 8,589,934,592 bytes")


def test_decoding_takes_little_memory_however_much_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "BLOCK", 2**16)
    content = npz(x_train=np.tile(noise(10, 64, 64), (200, 1, 1)), y_train=labels(2_000))
    tracemalloc.start()
    judge.examine(io.BytesIO(content), Options(test=0.5), tmp_path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (tmp_path / "train_images.npy").stat().st_size > 4_000_000
    assert most < 4_000_000


def test_the_sheet_has_a_row_for_each_class(tmp_path: Path) -> None:
    shades = {
        f"{name}/{number}.png": encoded(np.full((4, 8), shade, np.uint8))
        for number in range(12)
        for name, shade in (("dark", 10), ("light", 200))
    }
    judged(zipped(shades), tmp_path, test=0.1)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert (sheet.mode, sheet.size) == ("L", (10 * 68 + 4, 2 * 68 + 4))
        pixels = np.asarray(sheet)
    assert set(pixels[4 : 4 + 32, 4 : 4 + 64].ravel().tolist()) == {10}
    assert set(pixels[72 : 72 + 32, 4 + 9 * 68 : 4 + 9 * 68 + 64].ravel().tolist()) == {200}
    assert set(pixels[40:72].ravel().tolist()) == {255}


def test_the_sheet_shows_twenty_classes_of_many_in_colour(tmp_path: Path) -> None:
    judged(npz(x_train=noise(100, 100, 50, 3), y_train=labels(100, 25)), tmp_path, test=0.25)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert (sheet.mode, sheet.height) == ("RGB", 20 * 68 + 4)


def test_memory_that_is_not_there_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(judge, "parts_of", exhausted)
    assert the_fault(small_npz(), tmp_path) == "judging the file takes more memory than there is"
