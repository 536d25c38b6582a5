"""Locks that a process holds for as long as it lives: who can take one knows that the process is gone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def try_lock(data_folder: Path, name: str) -> Iterator[bool]:
    """Take the lock of a job (a trainer has it) or a worker if nobody has it, until the `with` ends; yields whether.

    The kernel lets go of it when its holder dies, however it dies.
    """
    folder = data_folder / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
