"""Who reads a job's objects shares a lock on it; what was replaced meanwhile is deleted once nobody holds it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.storage.objects.folder_disk import or_no_room

PLACE = "readers"  # the folder of the locks, beside those of the objects


@contextmanager
def reading(root: Path, owner: str) -> Iterator[None]:
    """What joining replaces stays until the end of the `with`; what another attempt hides, or a deletion, does not."""
    with _locked(root, owner, fcntl.LOCK_SH):
        yield


@contextmanager
def nobody_reads(root: Path, owner: str) -> Iterator[bool]:
    """Whether nobody reads the job's objects now; until the end of the `with`, who wants to begin waits."""
    try:
        with _locked(root, owner, fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield True
    except BlockingIOError:
        yield False


def forget(root: Path, owner: str) -> None:
    """Remove the lock of a job that is deleted."""
    _lock(root, owner).unlink(missing_ok=True)


def _lock(root: Path, owner: str) -> Path:
    return root / PLACE / owner


@contextmanager
def _locked(root: Path, owner: str, how: int) -> Iterator[None]:
    lock = _lock(root, owner)
    with or_no_room():
        lock.parent.mkdir(parents=True, exist_ok=True)
        # Open for reading alone: a full disk keeps nobody from what is there.
        descriptor = os.open(lock, os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)
