"""What a folder does on its disk so that it stands after a power cut, and how a full disk is told from a broken one."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.storage.objects.protocol import NoRoom

FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def or_no_room() -> Iterator[None]:
    """What fails for want of room raises NoRoom, any other trouble with the disk its own OSError."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise NoRoom(*error.args) from error
        raise


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, so that they too are there after a power cut."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync(folder.parent)


def sync(path: Path) -> None:
    """Have what a file has in it, or what was made or renamed in a folder, stand after a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
