"""Uploaded datasets as they are kept: what a row says of one, and how what was judged becomes its objects."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Row, select

from jobs.datasets.catalogue import Dataset
from jobs.datasets.files import File, manifest_sha256
from jobs.datasets.judging.found import Found
from jobs.datasets.judging.options import Options
from jobs.datasets.judging.outputs import SHEET
from jobs.datasets.uploaded import ARRAYS, file_name, stored
from jobs.storage import keys, tables
from jobs.storage.objects.protocol import Objects, Stored

NAME = "[a-z0-9][a-z0-9_.-]{0,63}"  # what one may be called
Lock = Literal["shared", "alone"]


@dataclass(frozen=True)
class Source:
    """The file that a dataset is made of, and how it is read: the same again is the same dataset."""

    bytes: int
    sha256: str
    options: Options


@dataclass(frozen=True)
class Uploaded:
    """An uploaded dataset."""

    name: str
    kept: str
    """The id that its objects are kept under."""
    created: float  # seconds since 1970
    source: Source
    files: tuple[File, ...]
    """Its objects: the arrays and, of images, the sheet."""
    found: Found

    @cached_property
    def dataset(self) -> Dataset:
        """What a job needs of it."""
        arrays = tuple(file for file in self.files if file.name != SHEET)
        found = self.found
        return Dataset(
            self.name,
            found.shape,
            classes=len(found.classes),
            train=sum(found.train_counts),
            test=sum(found.test_counts),
            sha256=manifest_sha256(arrays),
            counts=found.train_counts,
            kept=self.kept,
            files=arrays,
        )

    @property
    def sheet(self) -> Stored | None:
        """The picture of examples by class; of features there is none."""
        return next((stored(self.dataset, file) for file in self.files if file.name == SHEET), None)


def keep(objects: Objects, kept: str, folder: Path) -> tuple[File, ...]:
    """Make objects of what was judged, under a new id; the files are not in the folder then.

    Raises NoRoom and OSError, after which there is none of them.
    """
    names = [*map(file_name, ARRAYS), *([SHEET] if (folder / SHEET).exists() else [])]
    try:
        return tuple(_file(objects.put_file(keys.of_dataset(kept, name), folder / name), name) for name in names)
    except BaseException:
        objects.delete_below(keys.of_kept(kept))
        raise


def row_of(uploaded: Uploaded) -> dict[str, Any]:
    """Its row."""
    return {
        "name": uploaded.name,
        "kept": uploaded.kept,
        "created": uploaded.created,
        "source_bytes": uploaded.source.bytes,
        "source_sha256": uploaded.source.sha256,
        "options": asdict(uploaded.source.options),
        "files": list(map(asdict, uploaded.files)),
        "facts": asdict(uploaded.found),
    }


def find(connection: Connection, name: str, *, lock: Lock | None = None) -> Uploaded | None:
    """The uploaded dataset of that name, if there is one; with a lock until the transaction ends.

    `shared`: nobody deletes it; `alone`: nobody else uses it either.
    """
    if not re.fullmatch(NAME, name):  # what no dataset is called may be what no database takes
        return None
    query = select(tables.datasets).where(tables.datasets.c.name == name)
    row = connection.execute(query.with_for_update(read=lock == "shared") if lock else query).one_or_none()
    return None if row is None else _uploaded(row)


def every(connection: Connection) -> tuple[Uploaded, ...]:
    """All uploaded datasets, by their names."""
    return tuple(map(_uploaded, connection.execute(select(tables.datasets).order_by(tables.datasets.c.name))))


def _uploaded(row: Row[Any]) -> Uploaded:
    source = Source(row.source_bytes, row.source_sha256, Options(**row.options))
    files = tuple(File(**file) for file in row.files)
    return Uploaded(row.name, row.kept, row.created, source, files, _found(row.facts))


def _found(facts: Mapping[str, Any]) -> Found:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
    return Found(**values)


def _file(stored: Stored, name: str) -> File:
    assert stored.bytes is not None
    return File(name, stored.bytes, stored.sha256)
