"""Who reads a job's series shares a lock on it; what was replaced meanwhile is deleted once nobody holds it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.storage.objects.folder import Objects


@contextmanager
def reading(objects: Objects, job_id: str) -> Iterator[None]:
    """What joining replaces stays until the end of the `with`; what another attempt hides, or a deletion, does not."""
    with _locked(objects, job_id, fcntl.LOCK_SH):
        yield


@contextmanager
def nobody_reads(objects: Objects, job_id: str) -> Iterator[bool]:
    """Whether nobody reads the job's series now; until the end of the `with`, who wants to begin waits."""
    try:
        with _locked(objects, job_id, fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield True
    except BlockingIOError:
        yield False


def forget(objects: Objects, job_id: str) -> None:
    """Remove the lock of a job that is deleted."""
    _lock(objects, job_id).unlink(missing_ok=True)


def _lock(objects: Objects, job_id: str) -> Path:
    return objects.root / "readers" / job_id


@contextmanager
def _locked(objects: Objects, job_id: str, how: int) -> Iterator[None]:
    lock = _lock(objects, job_id)
    lock.parent.mkdir(parents=True, exist_ok=True)
    # Open for reading alone: a full disk keeps nobody from what is there.
    descriptor = os.open(lock, os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)
