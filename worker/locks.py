"""The lock that a trainer holds on its job for as long as it lives: who can take it knows that the trainer is gone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def try_lock(data_folder: Path, job_id: str) -> Iterator[bool]:
    """Take a job's lock if nobody has it, until the `with` ends; yields whether it was had.

    The kernel lets go of it when its holder dies, however it dies.
    """
    folder = data_folder / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{job_id}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
