"""Datasets out of a gzipped tar archive whose every byte is known beforehand."""

import io
import tarfile
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import IO

from jobs.datasets.fetching.source import Source, opened_by_url
from jobs.datasets.files import File, FileError, check_file

ARCHIVES = {
    "cifar10": File(
        "cifar-10-binary.tar.gz", 170_052_171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
    ),
}
"""As their authors publish them."""


def archive_at(url: str, file: File) -> Source:
    """An archive on a web server."""
    return _archive(f"{url}/{file.name}", file, lambda: opened_by_url(f"{url}/{file.name}"))


def archive_in(folder: Path, file: File) -> Source:
    """An archive that somebody put into a folder."""
    return _archive(str(folder / file.name), file, lambda: (folder / file.name).open("rb"))


def _archive(place: str, file: File, opened: Callable[[], IO[bytes]]) -> Source:
    def get(wanted: tuple[File, ...]) -> dict[str, bytes]:
        try:
            with opened() as stream:
                content = stream.read(file.size + 1)  # one byte more shows a file that is too long
        except FileNotFoundError:
            raise FileError(f"{file.name} is not there") from None
        except (OSError, HTTPException) as error:
            raise FileError(f"{file.name}: {error}") from None
        check_file(file, content)
        found = dict(_members(content, {member.name for member in wanted}))
        for member in wanted:
            if member.name not in found:
                raise FileError(f"{member.name} is not in it")
        return found

    return Source(place, get)


def _members(content: bytes, names: set[str]) -> Iterator[tuple[str, bytes]]:
    """The files of these names, in whatever folder of the archive; nothing is ever unpacked to disk."""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive:
            name = Path(member.name).name
            if member.isfile() and name in names:
                stream = archive.extractfile(member)
                assert stream is not None
                yield name, stream.read()
