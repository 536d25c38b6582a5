"""The files that a fetched dataset consists of, where they belong, and whether what was found is really them."""

import hashlib
import shlex
from dataclasses import dataclass
from pathlib import Path

Bytes = bytes | bytearray


class FileError(Exception):
    """A file that cannot be had, or whose bytes are not its own; the message is one line that names it."""


@dataclass(frozen=True)
class File:
    """A file whose every byte is known beforehand."""

    name: str
    size: int  # bytes
    sha256: str


FILES: dict[str, tuple[File, File, File, File]] = {
    "mnist": (
        File("train-images-idx3-ubyte", 47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        File("train-labels-idx1-ubyte", 60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
        File("t10k-images-idx3-ubyte", 7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        File("t10k-labels-idx1-ubyte", 10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    ),
}
"""Of each fetched dataset: training images and labels, test images and labels, as uncompressed IDX."""


def folder_of(name: str, data_folder: Path) -> Path:
    """Where a dataset's files are."""
    return data_folder / "datasets" / name


def way_out(name: str, data_folder: Path) -> str:
    """The command, as it can be pasted, that puts a dataset into this data folder.

    >>> way_out("mnist", Path("/srv/lab data"))
    "BNLAB_DATA='/srv/lab data' bnlab data fetch mnist"
    """
    return f"BNLAB_DATA={shlex.quote(str(data_folder.resolve()))} bnlab data fetch {name}"


def check(file: File, content: Bytes) -> None:
    """Raises FileError, with what was expected and what was found, if these are not the bytes of the file."""
    if len(content) != file.size:
        raise FileError(f"{file.name} is damaged: expected {file.size} bytes, got {len(content)}")
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != file.sha256:
        raise FileError(f"{file.name} is damaged: expected SHA-256 {file.sha256}, got {sha256}")


def read(folder: Path, file: File) -> bytearray:
    """The file's checked bytes. Raises FileError."""
    try:
        content = bytearray((folder / file.name).read_bytes())
    except FileNotFoundError:
        raise FileError(f"{file.name} is not there") from None
    except OSError as error:
        raise FileError(f"{file.name} cannot be read: {error.strerror}") from None
    check(file, content)
    return content


def absent(name: str, folder: Path) -> dict[File, str]:
    """The files of a dataset that are not in the folder as they should be, each with the reason."""
    reasons = {}
    for file in FILES[name]:
        try:
            read(folder, file)
        except FileError as error:
            reasons[file] = str(error)
    return reasons
