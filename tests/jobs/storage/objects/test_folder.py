"""What a folder of files promises beyond the contract: that a disk may do what it likes, and be full."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.errors import DamagedObject
from jobs.storage.objects.folder import Folder
from jobs.storage.objects.protocol import NoRoom
from tests.support.disk import disk_of, fill

KEY = "jobs/1/1/train/1-2.arrow"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "objects")


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Writing past `size` bytes of a file fails, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_copy_takes_no_room(folder: Folder) -> None:
    copy = folder.copy(folder.put(KEY, b"data"), "jobs/2/0/train/1-2.arrow")
    assert (folder.root / copy.key).samefile(folder.root / KEY)


def test_a_truncated_object_is_reported_by_name(folder: Folder) -> None:
    stored = folder.put(KEY, b"data")
    (folder.root / KEY).write_bytes(b"dat")
    with pytest.raises(DamagedObject, match=f"'{KEY}' has 3 bytes; 4 were written"):
        folder.read(stored)


def test_a_changed_bit_is_reported_by_name(folder: Folder) -> None:
    stored = folder.put(KEY, b"data")
    (folder.root / KEY).write_bytes(b"eata")
    with pytest.raises(DamagedObject, match=f"'{KEY}' does not match its checksum"):
        folder.read(stored)


def test_a_file_that_was_not_touched_is_checked_once_unless_it_is_to_be_read_afresh(folder: Folder) -> None:
    stored = folder.put(KEY, b"data")
    folder.read(stored)
    as_if_it_had_rotted = replace(stored, sha256="0" * 64)
    assert bytes(folder.read(as_if_it_had_rotted)) == b"data"
    with pytest.raises(DamagedObject, match=f"'{KEY}' does not match its checksum"):
        folder.read(as_if_it_had_rotted, afresh=True)


def test_an_object_that_finds_no_room_leaves_nothing_behind(folder: Folder) -> None:
    with files_no_larger_than(1000), pytest.raises(OSError, match="large"):
        folder.put(KEY, bytes(1_000_000))
    assert [path for path in folder.root.rglob("*") if path.is_file()] == []
    assert bytes(folder.read(folder.put(KEY, b"less"))) == b"less"


def test_on_a_full_disk_there_is_no_room_until_something_is_deleted(tmp_path: Path) -> None:
    with disk_of(1, tmp_path / "disk") as disk:
        folder = Folder(disk / "objects")
        stored = folder.put(KEY, b"data")
        fill(disk / "filler")
        with pytest.raises(NoRoom):
            folder.put("jobs/2/1/train/1-2.arrow", bytes(10_000))
        assert bytes(folder.read(stored)) == b"data"
        (disk / "filler").unlink()
        assert len(folder.read(folder.put("jobs/2/1/train/1-2.arrow", bytes(10_000)))) == 10_000


def test_a_file_that_finds_no_room_stays_where_it_is_and_leaves_nothing_behind(folder: Folder, tmp_path: Path) -> None:
    with disk_of(1, tmp_path / "disk") as disk:
        file = tmp_path / "file"
        file.write_bytes(bytes(2_000_000))
        full = Folder(disk / "objects")
        with pytest.raises(NoRoom):
            full.put_file(KEY, file)
        assert [path for path in full.root.rglob("*") if path.is_file()] == []
    assert folder.put_file(KEY, file).bytes == 2_000_000


def test_what_a_killed_process_was_writing_is_listed_and_deleted_with_its_job(folder: Folder) -> None:
    folder.put(KEY, b"1")
    (folder.root / f"{KEY}.part").write_bytes(b"left by a process that was killed")
    assert folder.keys("jobs/1/1") == (KEY, f"{KEY}.part")
    folder.delete_owned("1")
    assert [path for path in folder.root.rglob("*") if path.is_file()] == []


def test_the_lock_of_a_deleted_jobs_readers_goes_with_it(folder: Folder) -> None:
    with folder.reading("1"):
        assert folder.owners() == {"1"}
    folder.delete_owned("1")
    assert [path for path in folder.root.rglob("*") if path.is_file()] == []
