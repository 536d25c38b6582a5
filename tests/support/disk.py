"""Disks that are full, and what a disk may do to stored objects: the tests alone know that each is a file."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.storage.objects.folder import Folder
from jobs.storage.objects.protocol import Objects
from tests.support.requirements import missing


@contextmanager
def disk_of(megabytes: int, place: Path) -> Iterator[Path]:
    """A file system so large, which is gone after the `with`; where none can be mounted the test is skipped."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "bnlab", str(place)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        missing(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(path: Path) -> None:
    """Take all the room that is left."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def file_of(objects: Objects, key: str) -> Path:
    """Where an object is kept."""
    assert isinstance(objects, Folder)
    return objects.root / key


def change(objects: Objects, key: str, how: Callable[[bytes], bytes]) -> None:
    """Have other bytes under a key than were put there."""
    file = file_of(objects, key)
    file.write_bytes(how(file.read_bytes()))


def flip_a_bit(data: bytes) -> bytes:
    """In the middle."""
    changed = bytearray(data)
    changed[len(changed) // 2] ^= 1
    return bytes(changed)
