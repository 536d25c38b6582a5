"""Locks that a process holds for as long as it lives: who can take one knows that the process is gone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def try_lock(data_folder: Path, name: str) -> Iterator[bool]:
    """Take the lock of a job (a trainer has it) or a worker if nobody has it, until the `with` ends; yields whether.

    The kernel lets go of it when its holder dies, however it dies. Its file is there for as long as it is held.
    """
    path = data_folder / "locks" / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with path.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            if not _is_at(path, file):
                continue  # its last holder removed it after we had opened it: nobody else would see our lock
            try:
                yield True
            finally:
                path.unlink(missing_ok=True)
            return


def _is_at(path: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
