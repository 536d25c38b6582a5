import gzip
from pathlib import Path

import numpy as np
import pytest

from jobs.datasets.formats import idx
from tests.support.judging import judged, the_fault
from tests.support.uploads import SIDE, labels, noise, small_idx, zipped

IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = small_idx()


@pytest.mark.parametrize("is_gzipped", [False, True])
def test_the_four_files_are_read_gzipped_or_not(is_gzipped: bool, tmp_path: Path) -> None:
    members = small_idx()
    if is_gzipped:
        members = {f"MNIST/raw/{name}.gz": gzip.compress(content) for name, content in members.items()}
    dataset = judged(zipped(members), tmp_path)
    found = dataset.found
    assert (found.source_format, found.shape, found.classes) == ("idx", (1, SIDE, SIDE), ("0", "1"))
    assert (found.train_counts, found.test_counts) == ((4, 4), (2, 2))
    assert (dataset.train_images[:, 0] == noise(8, SIDE, SIDE)).all()


def header(*shape: int) -> bytes:
    return bytes((0, 0, 8, len(shape))) + b"".join(length.to_bytes(4, "big") for length in shape)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (IMAGES, idx.encode(noise(7, SIDE, SIDE)), "has 7 examples, and there are 8 labels"),
        (IMAGES, idx.encode(noise(8, SIDE, SIDE))[:-1], "ends early"),
        (IMAGES, idx.encode(noise(8, SIDE, SIDE)) + b"x", "has more data than its header says"),
        (IMAGES, header(2**31, 2**31, 2**31), "bytes are read"),
        (IMAGES, header(0, 6, 6), "has shape [0, 6, 6]"),
        (IMAGES, header(1, 1, 1, 1, 1), "is no IDX file"),
        (LABELS, bytes((0, 0, 13, 1)), "is no IDX file"),
        (LABELS, idx.encode(labels(8, 3).astype(np.uint8) * 3), "label"),
        (LABELS, gzip.compress(idx.encode(labels(8).astype(np.uint8)))[:-9], "ends early"),
        (LABELS, gzip.compress(idx.encode(labels(8).astype(np.uint8)) + bytes(10**6)), "has more data than its header"),
        (LABELS, b"\x1f\x8bnot gzip at all", "cannot be unpacked"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",  # gzipped ones are others each second
)
def test_what_is_wrong_with_a_file_is_told_with_its_name(name: str, content: bytes, told: str, tmp_path: Path) -> None:
    assert told in the_fault(zipped(small_idx() | {name: content}), tmp_path)


def test_a_name_that_tells_no_part_is_refused(tmp_path: Path) -> None:
    members = {f"emnist-{name}".replace("train", "letters"): content for name, content in small_idx().items()}
    members = {name: content for name, content in members.items() if "images" in name or "t10k" in name}
    assert "emnist-letters-images-idx3-ubyte: says neither train nor test in its name" in the_fault(
        zipped(members), tmp_path
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    members = small_idx()
    del members[TEST_LABELS]
    assert "there are no labels of the part 'test'" in the_fault(zipped(members), tmp_path)
