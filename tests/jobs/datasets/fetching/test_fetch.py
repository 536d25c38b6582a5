import shutil
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jobs.datasets.fetching.fetch import fetch
from jobs.datasets.fetching.source import Source
from jobs.datasets.files import FILES, File, FileError, folder_of
from jobs.datasets.loading import load
from jobs.errors import DataFolderUnusable, DatasetUnavailable, NotFound

IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = FILES["mnist"]


def source(get: Mapping[str, bytes] | str, asked: list[tuple[File, ...]] | None = None) -> Source:
    """A place that has these files, or fails with these words; it notes what it was asked for."""

    def answer(wanted: tuple[File, ...]) -> dict[str, bytes]:
        if asked is not None:
            asked.append(wanted)
        if isinstance(get, str):
            raise FileError(get)
        return dict(get)

    return Source("the shelf", answer)


@pytest.fixture
def contents(mnist: Path) -> dict[str, bytes]:
    return {file.name: (folder_of("mnist", mnist) / file.name).read_bytes() for file in FILES["mnist"]}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_package_index_gives_the_four_files_and_nothing_else(mnist: Path) -> None:
    assert names(folder_of("mnist", mnist)) == {file.name for file in FILES["mnist"]}


def test_a_dataset_that_is_there_is_not_asked_for_again(mnist: Path) -> None:
    asked: list[tuple[File, ...]] = []
    fetch("mnist", mnist, {"mnist": (source("asked", asked),)})
    assert asked == []


def test_synthetic_needs_nothing_fetched(tmp_path: Path) -> None:
    fetch("synthetic", tmp_path)
    assert names(tmp_path) == set()


def test_a_dataset_that_does_not_exist_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no dataset 'imagenet'"):
        fetch("imagenet", tmp_path)
    assert names(tmp_path) == set()


def test_gzipped_files_that_a_user_put_there_are_used(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, folder_of("mnist", tmp_path))
    fetch("mnist", tmp_path, {"mnist": ()})
    assert len(load("mnist", tmp_path).train_images) == 60_000


def test_a_damaged_file_is_replaced_and_only_it_is_asked_for(own_mnist: Path, contents: dict[str, bytes]) -> None:
    (folder_of("mnist", own_mnist) / LABELS.name).write_bytes(bytes(LABELS.size))
    asked: list[tuple[File, ...]] = []
    fetch("mnist", own_mnist, {"mnist": (source(contents, asked),)})
    assert asked == [(LABELS,)]
    assert (folder_of("mnist", own_mnist) / LABELS.name).read_bytes() == contents[LABELS.name]


def test_files_that_fail_their_checksum_are_refused_and_nothing_is_left(
    tmp_path: Path, contents: dict[str, bytes]
) -> None:
    wrong = contents | {TEST_LABELS.name: bytes(TEST_LABELS.size)}
    with pytest.raises(DatasetUnavailable) as caught:
        fetch("mnist", tmp_path, {"mnist": (source(wrong),)})
    expected = f"the shelf: {TEST_LABELS.name} is damaged: expected SHA-256 {TEST_LABELS.sha256}, got "
    assert expected in str(caught.value)
    assert not folder_of("mnist", tmp_path).exists()


def test_what_one_source_cannot_give_the_next_one_does(tmp_path: Path, contents: dict[str, bytes]) -> None:
    wrong = contents | {IMAGES.name: b""}
    fetch("mnist", tmp_path, {"mnist": (source("closed"), source(wrong), source(contents))})
    assert len(load("mnist", tmp_path).test_images) == 10_000


def test_when_nothing_serves_every_place_is_named_with_its_reason_and_what_would_help(own_mnist: Path) -> None:
    folder = folder_of("mnist", own_mnist)
    (folder / LABELS.name).unlink()
    (folder / TEST_LABELS.name).write_bytes(b"short")
    with pytest.raises(DatasetUnavailable) as caught:
        fetch("mnist", own_mnist, {"mnist": (source("closed on Sundays"), source("moved away"))})
    assert str(caught.value) == (
        "dataset 'mnist' is not here and could not be had: tried "
        f"{folder}: {LABELS.name} is not there, {TEST_LABELS.name} is damaged: expected 10008 bytes, got 5; "
        f"{folder}: {LABELS.name}.gz is not there; "
        "the shelf: closed on Sundays; the shelf: moved away; "
        f"with a network, or with its files put into {folder}, run: BNLAB_DATA={own_mnist} bnlab data fetch mnist"
    )
    assert (folder / TEST_LABELS.name).read_bytes() == b"short"


def test_a_data_folder_that_cannot_be_written_is_named_before_anything_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    asked: list[tuple[File, ...]] = []
    with pytest.raises(DataFolderUnusable, match=f"cannot write into the data folder '{file}/data': Not a directory; "):
        fetch("mnist", file / "data", {"mnist": (source("asked", asked),)})
    assert asked == []


def test_a_file_that_was_left_half_written_is_no_obstacle(tmp_path: Path, contents: dict[str, bytes]) -> None:
    folder = folder_of("mnist", tmp_path)
    folder.mkdir(parents=True)
    (folder / f"{IMAGES.name}.part").write_bytes(b"half")
    fetch("mnist", tmp_path, {"mnist": (source(contents),)})
    assert names(folder) == {file.name for file in FILES["mnist"]}


def test_of_two_fetches_at_once_one_waits_for_the_other(tmp_path: Path, contents: dict[str, bytes]) -> None:
    asked, release = threading.Event(), threading.Event()

    def slowly(_wanted: tuple[File, ...]) -> dict[str, bytes]:
        asked.set()
        assert release.wait(60)
        return contents

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(fetch, "mnist", tmp_path, {"mnist": (Source("slow", slowly),)})
        assert asked.wait(60)
        second = pool.submit(fetch, "mnist", tmp_path, {"mnist": (source("asked a second time"),)})
        time.sleep(0.2)  # enough for the second to fail, if it did not wait
        release.set()
        first.result()
        second.result()
    assert names(folder_of("mnist", tmp_path)) == {file.name for file in FILES["mnist"]}
