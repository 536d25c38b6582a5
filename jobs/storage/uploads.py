"""Uploads that go on, each in a folder of its own; what those that were killed have left is swept.

Uploads share a lock for as long as they go on. Who has it alone knows that none does, in any process.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
    with or_no_room(), _locked(data, fcntl.LOCK_SH) as parts:
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
    try:
        with _locked(database.data, fcntl.LOCK_EX | fcntl.LOCK_NB) as parts:
            for folder in parts.iterdir():
                shutil.rmtree(folder)
            stored = {keys.kept_in(key) for key in objects.keys(keys.DATASETS)}
            with database.read() as connection:
                named = set(connection.scalars(select(tables.datasets.c.kept)))
            for kept in stored - named:
                objects.delete_below(keys.of_kept(kept))
    except BlockingIOError:
        return


@contextmanager
def _locked(data: Path, how: int) -> Iterator[Path]:
    """The folder of uploads, made where it is not there, locked until the end of the `with`."""
    parts = data / "datasets" / PARTS
    parts.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(parts, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield parts
    finally:
        os.close(descriptor)
