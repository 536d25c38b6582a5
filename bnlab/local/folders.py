"""A folder of images as the one file that a server takes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from bnlab.errors import CannotRun


@contextmanager
def as_file(path: Path) -> Iterator[Path]:
    """The file itself; of a folder a zip of all its files, which is gone after the `with`. Raises CannotRun, OSError.

    The same files make the same zip, whenever they were written: nothing in it tells of their times.
    """
    if not path.is_dir():
        if not path.exists():
            raise CannotRun(f"there is no '{path}'")
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="bnlab-", suffix=".zip") as file:
        with ZipFile(file, "w", ZIP_STORED) as archive:  # images are packed already
            for each in sorted(path.rglob("*")):
                if each.is_file():
                    member = ZipInfo(os.fsencode(each.relative_to(path)).decode(errors="replace"))
                    member.file_size = each.stat().st_size
                    with each.open("rb") as source, archive.open(member, "w") as target:
                        shutil.copyfileobj(source, target)
        file.flush()
        yield Path(file.name)
