"""What a disk may do to stored objects. The tests alone know that each is a file."""

from collections.abc import Callable
from pathlib import Path

from jobs.storage.objects.folder import Folder
from jobs.storage.objects.protocol import Objects


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
