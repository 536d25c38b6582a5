"""What becomes of uploaded datasets: they are added, looked at, named by jobs, and deleted when no job needs them."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from errno import ENOSPC
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from jobs.datasets import kept
from jobs.datasets.catalogue import CATALOGUE, Dataset
from jobs.datasets.judging.sandbox import judge
from jobs.datasets.kept import Source, Uploaded
from jobs.errors import DataFolderUnusable, FieldError, InvalidSpec, NotAllowed, NotFound
from jobs.lifecycle.job import TERMINAL, Status
from jobs.sentences import listed, suggestion
from jobs.settings import Settings
from jobs.spec.initial import Initial, StoredNetwork
from jobs.spec.known import Known, no_source
from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import NoRoom, Objects

NAMED = 5  # jobs, where some keep a dataset from being deleted


@dataclass(frozen=True)
class Arrived:
    """A file that is here, whole, and what a dataset is to be called that is made of it."""

    name: str
    source: Source
    file: Path
    """In a folder of its own, where what is found in it is written too."""
    kept: str
    """An id that nothing is kept under yet."""


def make(database: Database, objects: Objects, arrived: Arrived) -> tuple[Uploaded, bool]:
    """The dataset of a file that nobody has looked into yet, and whether it was not there before.

    Raises DatasetRefused with everything that is wrong with the file, NotAllowed where the name is taken, and NoRoom.
    """
    there = find(database, arrived.name)
    if there is not None:
        return the_same(there, arrived.source), False
    folder = arrived.file.with_name("judged")
    folder.mkdir()
    try:
        found = judge(arrived.file, arrived.source.options, folder)
    except DataFolderUnusable as error:
        raise NoRoom(ENOSPC, str(error)) from error
    files, added = kept.keep(objects, arrived.kept, folder), None
    new = Uploaded(arrived.name, arrived.kept, time.time(), arrived.source, files, found)
    try:
        added = add(database, new)
        return added, added is new
    finally:
        if added is not new:
            objects.delete_below(keys.of_kept(arrived.kept))


def add(database: Database, uploaded: Uploaded) -> Uploaded:
    """Have a dataset there whose objects are; where the same was uploaded meanwhile, that is the answer.

    Raises NotAllowed where its name is taken.
    """
    while True:
        there = find(database, uploaded.name)
        if there is not None:
            return the_same(there, uploaded.source)
        with suppress(IntegrityError):  # somebody else has added one since
            with database.write() as connection:
                connection.execute(insert(tables.datasets).values(kept.row_of(uploaded)))
            return uploaded


def the_same(there: Uploaded, source: Source) -> Uploaded:
    """The dataset, which is made of this. Raises NotAllowed where it is not."""
    if there.source == source:
        return there
    message = f"dataset '{there.name}' is there, made of another file or read otherwise, and never changes"
    raise NotAllowed(f"{message}: take another name, or delete it first")


def refuse_reserved(name: str) -> None:
    """Raise NotAllowed where a name is one of the catalogue's, which stay as they are."""
    if name in CATALOGUE:
        raise NotAllowed(f"'{name}' is a dataset of every server, which nobody replaces or deletes: take another name")


def find(database: Database, name: str) -> Uploaded | None:
    """The uploaded dataset of that name, if there is one."""
    with database.read() as connection:
        return kept.find(connection, name)


def get(database: Database, name: str) -> Uploaded:
    """The uploaded dataset of that name. Raises NotFound."""
    with database.read() as connection:
        return kept.find(connection, name) or _not_there(connection, name)


def every(database: Database) -> tuple[Uploaded, ...]:
    """All uploaded datasets, by their names."""
    with database.read() as connection:
        return kept.every(connection)


def remove(database: Database, objects: Objects, name: str) -> None:
    """Delete an uploaded dataset. Raises NotFound, and NotAllowed where a job that has not ended trains on it.

    The row goes first: objects that a crash leaves are swept at the next start.
    """
    refuse_reserved(name)
    with database.write() as connection:
        there = kept.find(connection, name, lock="alone") or _not_there(connection, name)
        if jobs := _open_jobs(connection, name):
            told = f"jobs that have not ended train on it: {listed(jobs, NAMED)}"
            raise NotAllowed(f"dataset '{name}' cannot be deleted: {told}; cancel them, or wait until they have ended")
        connection.execute(delete(tables.datasets).where(tables.datasets.c.name == name))
    objects.delete_below(keys.of_kept(there.kept))


def secure_datasets(connection: Connection, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of new jobs with their datasets as they are kept now, which nobody deletes before the transaction ends.

    Raises InvalidSpec where a job was checked with one that is gone, or of whose name there is another one now.
    """
    here: dict[str, dict[str, Any]] = {}
    for dataset in {dataset.name: dataset for dataset in _uploaded_of(rows)}.values():
        there = kept.find(connection, dataset.name, lock="shared")
        if there is None or there.dataset.sha256 != dataset.sha256:
            now = "was deleted" if there is None else f"is another one now, with SHA-256 {there.dataset.sha256}"
            told = f"dataset '{dataset.name}' {now}; the one with SHA-256 {dataset.sha256} has to be uploaded again"
            raise InvalidSpec((FieldError("", told),))
        here[dataset.name] = asdict(there.dataset)
    return [{**row, "dataset": here.get(row["dataset"].get("name"), row["dataset"])} for row in rows]


def known(database: Database, settings: Settings, weights: Callable[[Initial], StoredNetwork] = no_source) -> Known:
    """What documents may name that this server judges: of one request, since each name is looked up once.

    weights: finds the stored network that a document names; without it there is none.
    """
    return _Known(database, settings, weights)


@dataclass(frozen=True)
class _Known:
    """The datasets of the catalogue, and those that were uploaded."""

    database: Database
    settings: Settings
    _weights: Callable[[Initial], StoredNetwork]
    _looked_up: dict[str, Dataset | None] = field(default_factory=dict)
    """By name: the many jobs of an experiment mean the same dataset by it."""

    def dataset(self, name: str) -> Dataset | None:
        """The facts of a dataset, where there is one of that name."""
        if name in CATALOGUE:
            return CATALOGUE[name].dataset
        if name not in self._looked_up:
            there = find(self.database, name)
            self._looked_up[name] = there.dataset if there else None
        return self._looked_up[name]

    def weights(self, initial: Initial) -> StoredNetwork:
        """The stored network that a document names. Raises BnlabError where there is none."""
        return self._weights(initial)

    def datasets(self) -> tuple[str, ...]:
        """The names of those there are."""
        with self.database.read() as connection:
            return _names(connection)


def _names(connection: Connection) -> tuple[str, ...]:
    column = tables.datasets.c.name
    return (*CATALOGUE, *connection.scalars(select(column).order_by(column)))


def _not_there(connection: Connection, name: str) -> NoReturn:
    raise NotFound(f"there is no dataset '{name}'{suggestion(name, _names(connection))}")


def _open_jobs(connection: Connection, name: str) -> Sequence[str]:
    """The ids of the jobs that name a dataset and have not ended."""
    jobs, status = tables.jobs.c, [status for status in Status if status not in TERMINAL]
    query = select(jobs.id).where(jobs.status.in_(status), jobs.dataset_name == name)
    return connection.scalars(query.order_by(jobs.id)).all()


def _uploaded_of(rows: Iterable[dict[str, Any]]) -> Iterable[Dataset]:
    return (Dataset.of(row["dataset"]) for row in rows if row["dataset"].get("kept"))
