"""A store of objects that is a folder of files, on a disk of this machine or one that its hosts share."""

import errno
import hashlib
import mmap
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from jobs.errors import DamagedObject
from jobs.failpoints import reach
from jobs.storage.keys import JOBS, of_job
from jobs.storage.objects import folder_locks
from jobs.storage.objects.folder_disk import make_folder, or_no_room, sync
from jobs.storage.objects.protocol import Stored

REMEMBERED = 100_000  # objects that a process remembers as right, some 20 MB


@dataclass(frozen=True)
class Folder:
    """The maker of `Objects` that keeps each as the file of its key below `root`."""

    root: Path
    _right: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)
    """By key, what told the files apart whose checksum this process has found right."""

    def put(self, key: str, data: bytes | memoryview) -> Stored:
        """Write aside, sync, rename, and sync the folder: a crash leaves the whole object or none."""
        view = memoryview(data).cast("B")
        with self._place(key) as (aside, path):
            with aside.open("wb") as file:
                file.write(view)
                file.flush()
                os.fsync(file.fileno())
            reach("object written aside")
            aside.rename(path)
            reach("object renamed")
        return Stored(key, view.nbytes, hashlib.sha256(view).hexdigest())

    def put_file(self, key: str, file: Path) -> Stored:
        """Sync the file where it lies and rename it; a file of another disk is copied first."""
        with self._place(key) as (aside, path):
            with file.open("rb") as content:
                digest, size = hashlib.file_digest(content, "sha256").hexdigest(), os.fstat(content.fileno()).st_size
                os.fsync(content.fileno())
            try:
                file.rename(path)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                shutil.copyfile(file, aside)
                sync(aside)
                aside.rename(path)
                file.unlink()
        return Stored(key, size, digest)

    def copy(self, stored: Stored, key: str) -> Stored:
        """Link the file under a second name: no byte is written."""
        path = self._path(key)
        with or_no_room():
            make_folder(path.parent)
            try:
                os.link(self._path(stored.key), path)
            except FileNotFoundError:
                raise DamagedObject(f"object '{stored.key}' is missing") from None
            sync(path.parent)
        return replace(stored, key=key)

    def read(self, stored: Stored, *, afresh: bool = False) -> memoryview:
        """Map the file. Its checksum was found right where the same file, untouched since, was read before."""
        try:
            with self._path(stored.key).open("rb") as file:
                found = os.fstat(file.fileno())
                if stored.bytes not in (found.st_size, None):
                    raise DamagedObject(f"object '{stored.key}' has {found.st_size} bytes; {stored.bytes} were written")
                view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if found.st_size else b"")
        except FileNotFoundError:
            raise DamagedObject(f"object '{stored.key}' is missing") from None
        file_is = (found.st_ino, found.st_mtime_ns, found.st_ctime_ns)
        if afresh or self._right.get(stored.key) != file_is:
            if hashlib.sha256(view).hexdigest() != stored.sha256:
                raise DamagedObject(f"object '{stored.key}' does not match its checksum: its bytes have changed")
            if len(self._right) >= REMEMBERED:
                self._right.clear()
            self._right[stored.key] = file_is
        return view

    def delete(self, key: str) -> None:
        """Remove the file."""
        self._path(key).unlink(missing_ok=True)

    def keys(self, prefix: str) -> tuple[str, ...]:
        """Of every file below the folders `prefix`."""
        found = (path for path in self._path(prefix).rglob("*") if path.is_file())
        return tuple(sorted(path.relative_to(self.root).as_posix() for path in found))

    def delete_below(self, prefix: str) -> None:
        """Remove the folder `prefix`."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self._path(prefix))

    def delete_owned(self, owner: str) -> None:
        """Remove the job's folder, and the lock of its readers."""
        self.delete_below(of_job(owner))
        folder_locks.forget(self.root, owner)

    def owners(self) -> frozenset[str]:
        """Whose folder or lock is there."""
        return frozenset(path.name for place in (JOBS, folder_locks.PLACE) for path in (self.root / place).glob("*"))

    def reading(self, owner: str) -> AbstractContextManager[None]:
        """Share the lock of the job's readers."""
        return folder_locks.reading(self.root, owner)

    def nobody_reads(self, owner: str) -> AbstractContextManager[bool]:
        """Take that lock alone, where nobody shares it."""
        return folder_locks.nobody_reads(self.root, owner)

    @contextmanager
    def _place(self, key: str) -> Iterator[tuple[Path, Path]]:
        """Where a new object is written aside and where it goes; neither file is left where that fails."""
        path = self._path(key)
        if path.exists():
            raise FileExistsError(f"object '{key}' exists: a key is never used again")
        # Beside its place, so that deleting the prefix also takes what a killed process left.
        aside = path.with_name(f"{path.name}.part")
        with or_no_room():
            make_folder(path.parent)
            try:
                yield aside, path
                sync(path.parent)
            except BaseException:
                aside.unlink(missing_ok=True)
                path.unlink(missing_ok=True)
                raise

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if not {"", ".", ".."}.isdisjoint(parts):
            raise ValueError(f"'{key}' is not a key: folders and a name, joined by '/'")
        return self.root.joinpath(*parts)
