import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jobs.errors import DamagedObject
from jobs.storage.objects.folder import Objects

KEY = "jobs/1/1/train/1-2.arrow"


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Writing past `size` bytes of a file fails, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 1000])
def test_an_object_reads_back_as_it_was_written(objects: Objects, data: bytes) -> None:
    stored = objects.put(KEY, data)
    assert stored.bytes == len(data)
    assert bytes(objects.read(stored)) == data


def test_a_key_is_never_used_again(objects: Objects) -> None:
    stored = objects.put(KEY, b"first")
    with pytest.raises(FileExistsError, match=KEY):
        objects.put(KEY, b"second")
    assert bytes(objects.read(stored)) == b"first"


def test_a_missing_object_is_reported_by_name(objects: Objects) -> None:
    stored = objects.put(KEY, b"data")
    objects.delete(KEY)
    with pytest.raises(DamagedObject, match=f"'{KEY}' is missing"):
        objects.read(stored)


def test_an_object_with_two_keys_stays_until_both_are_deleted(objects: Objects) -> None:
    stored = objects.put(KEY, b"data")
    second = objects.link(stored, "jobs/2/0/train/1-2.arrow")
    objects.delete_prefix("jobs/1")
    assert bytes(objects.read(second)) == b"data"
    assert objects.keys("jobs") == (second.key,)
    with pytest.raises(DamagedObject, match=f"'{KEY}' is missing"):
        objects.link(stored, "jobs/3/0/train/1-2.arrow")


def test_a_truncated_object_is_reported_by_name(objects: Objects) -> None:
    stored = objects.put(KEY, b"data")
    (objects.root / KEY).write_bytes(b"dat")
    with pytest.raises(DamagedObject, match=f"'{KEY}' has 3 bytes; 4 were written"):
        objects.read(stored)


def test_a_changed_bit_is_reported_by_name(objects: Objects) -> None:
    stored = objects.put(KEY, b"data")
    (objects.root / KEY).write_bytes(b"eata")
    with pytest.raises(DamagedObject, match=f"'{KEY}' does not match its checksum"):
        objects.read(stored)


def test_an_object_that_finds_no_room_leaves_nothing_behind(objects: Objects) -> None:
    with files_no_larger_than(1000), pytest.raises(OSError, match="large"):
        objects.put(KEY, bytes(1_000_000))
    assert [path for path in objects.root.rglob("*") if path.is_file()] == []
    assert bytes(objects.read(objects.put(KEY, b"less"))) == b"less"


def test_deleting_a_prefix_takes_all_that_is_below_it_and_nothing_else(objects: Objects) -> None:
    below, beside = objects.put(KEY, b"1"), objects.put("jobs/1/2/train/1-2.arrow", b"2")
    (objects.root / f"{KEY}.part").write_bytes(b"left by a process that was killed")
    objects.delete_prefix("jobs/1/1")
    with pytest.raises(DamagedObject):
        objects.read(below)
    assert [path.name for path in objects.root.rglob("*.*")] == ["1-2.arrow"]
    assert bytes(objects.read(beside)) == b"2"


def test_deleting_what_is_not_there_does_nothing(objects: Objects) -> None:
    kept = objects.put("jobs/2/1/train/1-2.arrow", b"kept")
    objects.delete(KEY)
    objects.delete_prefix("jobs/1")
    assert bytes(objects.read(kept)) == b"kept"


def test_bytes_that_are_being_read_outlive_their_object(objects: Objects) -> None:
    view = objects.read(objects.put(KEY, b"data"))
    objects.delete(KEY)
    assert bytes(view) == b"data"


@pytest.mark.parametrize("key", ["", ".", "..", "/", "/jobs", "../jobs", "jobs/../..", "jobs//1", "jobs/1/", "./jobs"])
def test_a_key_cannot_leave_the_folder(objects: Objects, key: str) -> None:
    with pytest.raises(ValueError, match="is not a key"):
        objects.put(key, b"data")
    with pytest.raises(ValueError, match="is not a key"):
        objects.delete_prefix(key)
