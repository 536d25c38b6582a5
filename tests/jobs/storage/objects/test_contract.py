"""What every store of objects promises, whatever it keeps them in."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.errors import DamagedObject
from jobs.settings import Settings
from jobs.storage import keys
from jobs.storage.objects.folder import Folder
from jobs.storage.objects.opening import open_objects
from jobs.storage.objects.protocol import Objects
from tests.support.disk import disk_of

MAKERS: dict[str, Callable[[Path], Objects]] = {"a folder": lambda place: Folder(place / "objects")}
KEY = keys.of_chunk("1", 1, "train", 1, 2)
BESIDE = keys.of_chunk("1", 2, "train", 1, 2)
OTHER = keys.of_inherited("2", KEY)

Open = Callable[[], Objects]


@pytest.fixture(params=MAKERS)
def open_again(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same place as often as it is called, as several processes do."""
    return lambda: MAKERS[request.param](tmp_path)


@pytest.fixture
def objects(open_again: Open) -> Objects:
    return open_again()


@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 1000, memoryview(b"a view")])
def test_an_object_reads_back_as_it_was_written_in_every_process(open_again: Open, data: bytes | memoryview) -> None:
    stored = open_again().put(KEY, data)
    assert (stored.key, stored.bytes) == (KEY, len(data))
    assert bytes(open_again().read(stored)) == data


@pytest.mark.parametrize("data", [b"", bytes(range(256)) * 1000])
def test_a_file_becomes_an_object_and_is_not_where_it_was(open_again: Open, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(data)
    stored = open_again().put_file(KEY, file)
    assert (stored.key, stored.bytes) == (KEY, len(data))
    assert bytes(open_again().read(stored, afresh=True)) == data
    assert not file.exists()


def test_a_file_of_another_disk_becomes_an_object_too(open_again: Open, tmp_path: Path) -> None:
    with disk_of(1, tmp_path / "disk") as disk:
        (disk / "file").write_bytes(b"data")
        stored = open_again().put_file(KEY, disk / "file")
        assert not (disk / "file").exists()
    assert bytes(open_again().read(stored, afresh=True)) == b"data"


def test_stores_of_one_place_are_equal(open_again: Open, tmp_path: Path) -> None:
    assert len({open_again(), open_again(), open_objects(Settings(data=tmp_path / "elsewhere"))}) == 2


def test_a_key_is_never_used_again(objects: Objects, tmp_path: Path) -> None:
    stored, other = objects.put(KEY, b"first"), objects.put(OTHER, b"other")
    with pytest.raises(FileExistsError, match=KEY):
        objects.put(KEY, b"second")
    with pytest.raises(FileExistsError, match=KEY):
        objects.copy(other, KEY)
    (tmp_path / "file").write_bytes(b"second")
    with pytest.raises(FileExistsError, match=KEY):
        objects.put_file(KEY, tmp_path / "file")
    assert bytes(objects.read(stored)) == b"first"


def test_a_missing_object_is_reported_by_name(objects: Objects) -> None:
    stored = objects.put(KEY, b"data")
    objects.delete(KEY)
    with pytest.raises(DamagedObject, match=f"'{KEY}' is missing"):
        objects.read(stored)
    with pytest.raises(DamagedObject, match=f"'{KEY}' is missing"):
        objects.copy(stored, OTHER)
    assert objects.keys(keys.of_job("2")) == ()


def test_an_object_that_is_not_what_was_written_is_reported_by_name(open_again: Open) -> None:
    stored = open_again().put(KEY, b"data")
    for wrong in (replace(stored, bytes=5), replace(stored, sha256="0" * 64)):
        with pytest.raises(DamagedObject, match=KEY):
            open_again().read(wrong)


def test_where_nobody_kept_the_size_the_checksum_alone_is_checked(open_again: Open) -> None:
    stored = replace(open_again().put(KEY, b"data"), bytes=None)
    assert bytes(open_again().read(stored)) == b"data"
    with pytest.raises(DamagedObject, match=KEY):
        open_again().read(replace(stored, sha256="0" * 64))


def test_a_copy_stays_when_the_first_object_is_deleted(objects: Objects) -> None:
    second = objects.copy(objects.put(KEY, b"data"), OTHER)
    objects.delete_owned("1")
    assert bytes(objects.read(second)) == b"data"
    assert objects.keys(keys.of_job("2")) == (OTHER,)
    assert objects.keys(keys.of_job("1")) == ()


def test_bytes_that_are_being_read_outlive_their_object(objects: Objects) -> None:
    view = objects.read(objects.put(KEY, b"data"))
    objects.delete(KEY)
    assert bytes(view) == b"data"


def test_what_is_below_a_prefix_is_listed_and_nothing_else(objects: Objects) -> None:
    for key in (KEY, BESIDE, OTHER):
        objects.put(key, b"data")
    assert objects.keys(keys.of_job("1")) == (KEY, BESIDE)
    assert objects.keys(keys.of_attempt("1", 2)) == (BESIDE,)
    assert objects.keys(keys.of_job("3")) == ()


def test_what_a_job_has_stored_is_deleted_and_nothing_else(objects: Objects) -> None:
    kept = [objects.put(key, b"data") for key in (KEY, BESIDE, OTHER)][-1]
    with objects.reading("1"):
        pass
    assert objects.owners() == {"1", "2"}
    objects.delete_owned("1")
    assert objects.owners() == {"2"}
    assert bytes(objects.read(kept)) == b"data"


def test_what_is_below_a_prefix_is_deleted_and_nothing_else(objects: Objects) -> None:
    for key in (KEY, BESIDE, OTHER):
        objects.put(key, b"data")
    objects.delete_below(keys.of_attempt("1", 1))
    assert objects.keys(keys.JOBS) == (BESIDE, OTHER)


def test_deleting_what_is_not_there_does_nothing(objects: Objects) -> None:
    objects.delete(KEY)
    objects.delete_below(keys.of_job("1"))
    objects.delete_owned("1")
    assert objects.owners() == set()


def test_somebody_reads_until_the_last_reader_of_any_process_has_ended(open_again: Open) -> None:
    one, other = open_again(), open_again()
    with one.reading("1"):
        with other.reading("1"), other.nobody_reads("1") as free:
            assert not free
        with other.nobody_reads("1") as free:
            assert not free
        with other.nobody_reads("2") as free:
            assert free
    with other.nobody_reads("1") as free:
        assert free


@pytest.mark.parametrize("key", ["", ".", "..", "/", "/jobs", "../jobs", "jobs/../..", "jobs//1", "jobs/1/", "./jobs"])
def test_a_key_is_a_path_of_names(objects: Objects, key: str) -> None:
    with pytest.raises(ValueError, match="is not a key"):
        objects.put(key, b"data")
    with pytest.raises(ValueError, match="is not a key"):
        objects.delete(key)
