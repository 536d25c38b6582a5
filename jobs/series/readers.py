"""Who reads a job's series shares a lock on it; what was replaced meanwhile is deleted once nobody holds it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from jobs.objects import Objects


@contextmanager
def reading(objects: Objects, job_id: str) -> Iterator[None]:
    """Whatever the manifest names that is read within the `with` stays until its end."""
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


@contextmanager
def _locked(objects: Objects, job_id: str, how: int) -> Iterator[None]:
    folder = objects.root / "readers"
    folder.mkdir(parents=True, exist_ok=True)
    # Open for reading alone: a full disk keeps nobody from what is there.
    descriptor = os.open(folder / job_id, os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)
