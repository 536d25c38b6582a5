"""The files that figures become: which formats there are, and how one is written."""

from pathlib import Path
from typing import Any

from bnlab.errors import CannotRun

TIMELESS: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".png": {}, ".pdf": {"CreationDate": None}}
"""By the suffix of a figure's file, what keeps the time out of it."""


def suffix_of(path: Path) -> str:
    """The suffix by which a figure's format is chosen. Raises CannotRun where it is none of those."""
    suffix = path.suffix.lower()
    if suffix not in TIMELESS:
        raise CannotRun(f"a figure cannot be written as '{path}': end its name in {' or '.join(TIMELESS)}")
    return suffix


def write(data: bytes, path: Path) -> None:
    """Write the whole of a file. Raises CannotRun."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise CannotRun(f"cannot write {path}: {error.strerror}") from error
