"""A place where a dataset's files can be had. It only brings bytes: whoever asks it checks them."""

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import IO
from urllib.request import urlopen

from jobs.datasets.files import File, FileError

SILENCE = 10.0  # seconds without a byte after which a mirror is given up


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
    return Source(url, _one_by_one(lambda name: opened_by_url(f"{url}/{name}")))


def installed(folder: Path, package: str) -> Source:
    """Gzipped files that a package of Debian has put into a folder."""
    return Source(f"{folder} (apt install {package})", gzipped(folder).get)


def opened_by_url(url: str) -> IO[bytes]:
    """What a web server has there."""
    stream: IO[bytes] = urlopen(url, timeout=SILENCE)  # noqa: S310 - sources.py names every address
    return stream


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
