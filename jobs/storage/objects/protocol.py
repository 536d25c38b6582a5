"""What a store of objects must offer: the whole of what anybody here may ask of one.

An object is bytes under a key, whole or absent; its key is never used again, so that what is read under one never
changes. Keys are made in `jobs.storage.keys`. An owner is a job, by its id: what it has stored is below
`keys.of_job(owner)`.
"""

from collections.abc import Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Stored:
    """An object as it was written: what its bytes must still be when they are read."""

    key: str
    bytes: int | None  # None: nobody has kept it, and the checksum alone is checked
    sha256: str


class NoRoom(OSError):
    """An object that was not stored because the store is full: once it is not, the same succeeds."""


class Objects(Hashable, Protocol):
    """Where objects are kept; two of one place are equal."""

    def put(self, key: str, data: bytes | memoryview) -> Stored:
        """Keep `data` under a new key, for good once this returns: a power cut changes nothing then.

        Raises FileExistsError where the key was used, NoRoom and OSError, after which there is no such object.
        """

    def put_file(self, key: str, file: Path) -> Stored:
        """Keep a file of this machine's disk under a new key, as `put` does; it is not read into memory.

        Where this returns, the file is not where it was any more. Nobody may be writing to it. Raises as `put` does.
        """

    def read(self, stored: Stored, *, afresh: bool = False) -> memoryview:
        """The object's bytes, which stay for as long as somebody holds them, even when it is deleted meanwhile.

        They are checked: `afresh` each time, otherwise where this process has not found the object right before.
        Raises DamagedObject where it is missing, or its size or checksum is not that of what was written, and OSError.
        """

    def copy(self, stored: Stored, key: str) -> Stored:
        """Have the same bytes under a second key, where they stay when the first is deleted; they are not checked.

        Raises DamagedObject where the object is missing, FileExistsError where the key was used, NoRoom and OSError.
        """

    def delete(self, key: str) -> None:
        """Remove one object; nothing happens where it is not there."""

    def delete_below(self, prefix: str) -> None:
        """Remove every object below a prefix, and what was being written there."""

    def keys(self, prefix: str) -> tuple[str, ...]:
        """The keys below a prefix, in their order; what a killed process was writing there may be among them."""

    def delete_owned(self, owner: str) -> None:
        """Remove all that a job has stored, and what was being written, whoever reads it."""

    def owners(self) -> frozenset[str]:
        """The jobs of which anything is here."""

    def reading(self, owner: str) -> AbstractContextManager[None]:
        """Until the end of the `with`, `nobody_reads` says that somebody does."""

    def nobody_reads(self, owner: str) -> AbstractContextManager[bool]:
        """Whether nobody reads the job's objects now; until the end of the `with`, who wants to begin waits."""
