"""Uploads that go on, each in a folder of its own; what those that were killed have left is swept.

Uploads share a lock for as long as they go on. Who has it alone knows that none does, in any process.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import select

from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.folder_disk import or_no_room
from jobs.storage.objects.protocol import Objects

PARTS = ".part"  # the folder of the folders, among those of the datasets


@contextmanager
def upload(data: Path, kept: str) -> Iterator[Path]:
    """A new folder in a data folder for what comes in, named by what it is to be kept under; it is gone at the end.

    What fails in the `with` for want of room raises NoRoom.
    """
    parts = _parts(data)
    with or_no_room():
        parts.mkdir(parents=True, exist_ok=True)
        with _locked(parts, fcntl.LOCK_SH):
            folder = parts / kept
            folder.mkdir(mode=0o700)
            try:
                yield folder
            finally:
                shutil.rmtree(folder)


def sweep(database: Database, objects: Objects) -> None:
    """Delete the folders of killed uploads, and the objects of datasets that no row names; nothing while one goes on.

    Deletions leave such objects too, where they are killed after the row is gone.
    """
    parts = _parts(database.data)
    if not parts.is_dir():  # nothing was ever uploaded
        return
    with suppress(BlockingIOError), _locked(parts, fcntl.LOCK_EX | fcntl.LOCK_NB):
        for folder in parts.iterdir():
            shutil.rmtree(folder)
        stored = {keys.kept_in(key) for key in objects.keys(keys.DATASETS)}
        with database.read() as connection:
            named = set(connection.scalars(select(tables.datasets.c.kept)))
        for kept in stored - named:
            objects.delete_below(keys.of_kept(kept))


def _parts(data: Path) -> Path:
    return data / "datasets" / PARTS


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    """Hold the lock of a folder until the end of the `with`. Raises BlockingIOError where it may not wait for it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)
