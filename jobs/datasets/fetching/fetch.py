"""Puts a dataset into the data folder: checked, whole or not at all, and once however many ask for it."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from jobs.datasets.catalogue import named
from jobs.datasets.fetching.source import Source
from jobs.datasets.fetching.sources import SOURCES, by_hand
from jobs.datasets.files import File, FileError, absent, check_file, folder_of, way_out
from jobs.errors import DataFolderUnusable, DatasetUnavailable


def fetch(name: str, data_folder: Path, sources: Mapping[str, tuple[Source, ...]] = SOURCES) -> None:
    """Put a dataset's files into the data folder, unless they are there already or it needs none.

    Raises NotFound, DatasetUnavailable (which names every place that was tried) and DataFolderUnusable.
    """
    folder = folder_of(name, data_folder)
    if not named(name).fetched or not absent(name, folder):
        return
    with _alone(name, data_folder):
        missing = absent(name, folder)  # another process may have brought them while this one waited
        if missing:
            contents = _obtain(name, data_folder, missing, sources[name])
            with _writing(data_folder):
                folder.mkdir(parents=True, exist_ok=True)
                for file in missing:
                    _put(folder / file.name, contents[file.name])


def _obtain(
    name: str, data_folder: Path, missing: Mapping[File, str], sources: tuple[Source, ...]
) -> Mapping[str, bytes]:
    """The missing files' bytes by name, all from the first source that has them right."""
    folder = folder_of(name, data_folder)
    tried = [f"{folder}: {', '.join(missing.values())}"]
    for source in (by_hand(name, folder), *sources):
        try:
            contents = source.get(tuple(missing))
            for file in missing:
                check_file(file, contents[file.name])
        except FileError as error:
            tried.append(f"{source.place}: {error}")
        else:
            return contents
    places = "; ".join(tried)
    raise DatasetUnavailable(
        f"dataset '{name}' is not here and could not be had: tried {places}; "
        f"with a network, or with its files put into {folder}, run: {way_out(name, data_folder)}"
    )


@contextmanager
def _alone(name: str, data_folder: Path) -> Iterator[None]:
    """Wait until no other process fetches the dataset; the system lets go of the lock of one that dies."""
    lock = data_folder / "locks" / f"dataset-{name}"
    with _writing(data_folder):
        lock.parent.mkdir(parents=True, exist_ok=True)
        stream = lock.open("w")
    with stream:
        with _writing(data_folder):
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _put(path: Path, content: bytes) -> None:
    """Write a file aside and then give it its name, under which it is never half-done."""
    aside = path.with_name(f"{path.name}.part")
    try:
        with aside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def _writing(data_folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataFolderUnusable(
            f"cannot write into the data folder '{data_folder}': {error.strerror}; "
            "see that it is a folder that you may write to, with room on its disk, or name another with BNLAB_DATA"
        ) from error
