"""CIFAR-10 in its own form, from a small archive that is made as its authors made theirs."""

import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from jobs.datasets import files, loading
from jobs.datasets.arrays import Arrays, check_arrays
from jobs.datasets.catalogue import CATALOGUE, Dataset
from jobs.datasets.fetching import archives
from jobs.datasets.fetching.fetch import fetch
from jobs.datasets.files import File, folder_of
from jobs.datasets.formats.cifar import decode
from jobs.errors import DatasetUnavailable

EXAMPLES = 4  # a batch
NAMES = [file.name for file in files.FILES["cifar10"]]


def file_of(name: str, content: bytes) -> File:
    return File(name, len(content), hashlib.sha256(content).hexdigest())


def batch(number: int, label: int | None = None) -> bytes:
    """A batch's records: images whose planes are full of their place, batch and plane."""
    records = []
    for place in range(EXAMPLES):
        planes = b"".join(bytes([16 * number + 4 * place + plane]) * 1024 for plane in range(3))
        records.append(bytes([place if label is None else label]) + planes)
    return b"".join(records)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A small archive in place of the 170 MB that nothing here can fetch: the tables say what it consists of."""
    return publish([batch(number) for number in range(len(NAMES))], monkeypatch)


def publish(contents: list[bytes], monkeypatch: pytest.MonkeyPatch) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in [*zip(NAMES, contents, strict=True), ("readme.html", b"<html>")]:
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    packed = stream.getvalue()
    described = tuple(file_of(name, content) for name, content in zip(NAMES, contents, strict=True))
    monkeypatch.setitem(files.FILES, "cifar10", described)
    monkeypatch.setitem(archives.ARCHIVES, "cifar10", file_of("cifar-10-binary.tar.gz", packed))
    return packed


def put_by_hand(packed: bytes, data: Path) -> None:
    folder = folder_of("cifar10", data)
    folder.mkdir(parents=True)
    (folder / "cifar-10-binary.tar.gz").write_bytes(packed)


def test_an_archive_that_was_put_into_the_folder_serves(published: bytes, tmp_path: Path) -> None:
    put_by_hand(published, tmp_path)
    fetch("cifar10", tmp_path, {"cifar10": ()})
    arrays = loading.load("cifar10", tmp_path)
    assert arrays.train_images.shape == (5 * EXAMPLES, 3, 32, 32)
    assert arrays.test_images.shape == (EXAMPLES, 3, 32, 32)
    assert arrays.train_labels.tolist() == [0, 1, 2, 3] * 5
    assert arrays.train_images[5, :, 9, 9].tolist() == [16 + 4, 16 + 5, 16 + 6]
    assert arrays.test_images[1, :, 0, 0].tolist() == [5 * 16 + 4, 5 * 16 + 5, 5 * 16 + 6]
    arrays.test_images[:] = 0  # they belong to the caller


def test_an_archive_that_is_damaged_is_refused(published: bytes, tmp_path: Path) -> None:
    put_by_hand(published[:-1], tmp_path)
    with pytest.raises(DatasetUnavailable, match=r"cifar-10-binary\.tar\.gz is damaged: expected \d+ bytes, got"):
        fetch("cifar10", tmp_path, {"cifar10": ()})


def test_where_there_is_no_network_the_way_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnavailable) as caught:
        fetch("cifar10", tmp_path, {"cifar10": ()})
    assert "cifar-10-binary.tar.gz is not there" in str(caught.value)
    assert f"with its files put into {folder_of('cifar10', tmp_path)}, run: " in str(caught.value)
    with pytest.raises(DatasetUnavailable, match=r"data_batch_1\.bin is not there; run: .*bnlab data fetch cifar10"):
        loading.load("cifar10", tmp_path)


def test_labels_outside_the_classes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [batch(number) for number in range(4)]
    packed = publish([*contents, batch(4, label=10), batch(5)], monkeypatch)
    put_by_hand(packed, tmp_path)
    fetch("cifar10", tmp_path, {"cifar10": ()})
    with pytest.raises(DatasetUnavailable, match="its training set has label 10 at example 16, of 10 classes"):
        loading.load("cifar10", tmp_path)


def test_an_empty_data_set_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = publish([batch(number) for number in range(5)] + [b""], monkeypatch)
    put_by_hand(packed, tmp_path)
    fetch("cifar10", tmp_path, {"cifar10": ()})
    with pytest.raises(DatasetUnavailable, match="dataset 'cifar10' cannot be used: its test set is empty"):
        loading.load("cifar10", tmp_path)


def test_images_of_another_shape_are_refused() -> None:
    images, labels = np.zeros((2, 1, 28, 28), np.uint8), np.zeros(2, np.int64)
    found = Arrays(images, labels, images, labels)
    check_arrays(CATALOGUE["mnist"].dataset, found)
    with pytest.raises(DatasetUnavailable, match=r"its training set has images \[2, 1, 28, 28\] for 2 labels"):
        check_arrays(Dataset("other", (3, 28, 28), 10, 2, 2), found)


def test_a_file_that_holds_half_a_record_is_refused() -> None:
    with pytest.raises(ValueError, match="records have 3073 bytes, and 3072 is no multiple of it"):
        decode(bytes(3072))
