"""The manifest: which chunks a job's series is made of. A chunk exists once its row does."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, tuple_

from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Status
from jobs.lifecycle.lookup import not_there
from jobs.series.format.schedule import Listed, Schedule
from jobs.series.format.schema import TABLES, TEST, TRAIN
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Stored

Described = tuple[tuple[int, int, dict[str, Any]], ...]
"""Of each chunk of a table, in the order of their steps: first and last step, and what is said of each series."""

REMEMBERED = 1000  # tables whose series' names a process remembers, the most: some 20 MB


@dataclass(frozen=True)
class Chunk:
    """The rows of one table from step `first` to step `last`, both of them rows, and the object that holds them."""

    table: str
    first: int
    last: int
    rows: int
    stored: Stored

    @property
    def bytes(self) -> int:
        """How large its object is."""
        assert self.stored.bytes is not None  # no row of a chunk was ever without
        return self.stored.bytes

    @property
    def has_every_step(self) -> bool:
        """Whether there is a row for each step from the first to the last, so that steps are known unread."""
        return self.rows == self.last - self.first + 1


@dataclass(frozen=True)
class Manifest:
    """A job's chunks by table, in the order of their steps, with what the job's row said at that same moment."""

    status: Status
    attempt: int
    chunks: dict[str, tuple[Chunk, ...]]
    names: dict[str, tuple[str, ...]]
    """The series of each table, in the order in which they were recorded."""

    @property
    def watermark(self) -> int | None:
        """The last committed step: every row up to it is here. None where nothing is."""
        return max((chunk.last for table in (TRAIN, TEST) for chunk in self.chunks[table]), default=None)

    @property
    def keys(self) -> frozenset[str]:
        """The objects that it names."""
        return frozenset(chunk.stored.key for chunks in self.chunks.values() for chunk in chunks)


def read_manifest(database: Database, job_id: str) -> Manifest:
    """The manifest as it stands, from one snapshot of the database. Raises NotFound."""
    return read_described(database, job_id, ())[0]


def read_described(database: Database, job_id: str, of: Iterable[str]) -> tuple[Manifest, dict[str, Described]]:
    """The same, and from the same snapshot what is said of the series of some tables. Raises NotFound."""
    with database.read() as connection:
        found = _manifests(database, connection, [job_id], TABLES)
        if not found:
            raise not_there(connection, job_id)
        return found[job_id], {table: _described(connection, job_id, table) for table in of}


def read_manifests(database: Database, job_ids: Collection[str], of: Collection[str]) -> dict[str, Manifest]:
    """The manifests of those of these jobs that are there, from one snapshot, with the chunks of some tables alone."""
    with database.read() as connection:
        return _manifests(database, connection, job_ids, of)


def last_chunks(database: Database, table: str, job_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Of each job that has rows in a table, what the manifest says of each series of its last chunk there."""
    column = tables.chunks.c
    of_jobs = column.job_id.in_(job_ids) & (column.table == table)
    ends = select(column.job_id, func.max(column.first)).where(of_jobs).group_by(column.job_id)
    query = select(column.job_id, column.series).where(of_jobs, tuple_(column.job_id, column.first).in_(ends))
    with database.read() as connection:
        return {row.job_id: row.series for row in connection.execute(query)}


def state(database: Database, job_id: str) -> tuple[Any, ...]:
    """What every answer of a job's series is a function of, in few words: where the job stands, and how far it is."""
    with database.read() as connection:
        found = _states(connection, [job_id])
        if not found:
            raise not_there(connection, job_id)
    return found[job_id]


def states(database: Database, job_ids: Collection[str]) -> dict[str, tuple[Any, ...]]:
    """The same of those of these jobs that are there, by their ids."""
    with database.read() as connection:
        return _states(connection, job_ids)


def insert_chunk(connection: Connection, hold: Hold, chunk: Chunk, series: dict[str, Any]) -> None:
    """Put a chunk into the manifest, with what there is to say of each of its series."""
    values = asdict(chunk)
    stored = values.pop("stored")
    connection.execute(
        insert(tables.chunks).values(job_id=hold.job_id, attempt=hold.attempt, series=series, **values, **stored)
    )


def is_complete(chunks: Sequence[Chunk], schedule: Schedule | Listed) -> bool:
    """Whether the chunks, in the order of their steps, hold every scheduled step: none is missing, none there twice.

    Within a chunk steps increase and no row is written but at a scheduled step, so that it suffices to count them.
    """
    due = schedule.next(-1)
    for chunk in chunks:
        if chunk.first != due or chunk.last not in schedule or chunk.rows != schedule.count(chunk.first, chunk.last):
            return False
        due = schedule.next(chunk.last)
    return due is None


def _manifests(
    database: Database, connection: Connection, job_ids: Collection[str], of: Collection[str]
) -> dict[str, Manifest]:
    jobs = tables.jobs.c
    found = connection.execute(select(jobs.id, jobs.status, jobs.attempt).where(jobs.id.in_(job_ids))).all()
    chunks = _chunks(connection, job_ids, of)
    names = _names(database, connection, chunks)
    return {
        job_id: Manifest(
            Status(status),
            attempt,
            {table: tuple(chunks.get((job_id, table), ())) for table in TABLES},
            {table: names.get((job_id, table), ()) for table in TABLES},
        )
        for job_id, status, attempt in found
    }


def _states(connection: Connection, job_ids: Collection[str]) -> dict[str, tuple[Any, ...]]:
    jobs, column = tables.jobs.c, tables.chunks.c
    found = connection.execute(select(jobs.id, jobs.status, jobs.attempt).where(jobs.id.in_(job_ids))).all()
    ends = select(column.job_id, column.table, func.max(column.last), func.sum(column.rows))
    ends = ends.where(column.job_id.in_(job_ids)).group_by(column.job_id, column.table)
    recorded: dict[str, list[tuple[Any, ...]]] = {}
    for job_id, *of_table in connection.execute(ends.order_by(column.table)):
        recorded.setdefault(job_id, []).append(tuple(of_table))
    return {job_id: (*job, *recorded.get(job_id, ())) for job_id, *job in found}


def _described(connection: Connection, job_id: str, table: str) -> Described:
    column = tables.chunks.c
    query = select(column.first, column.last, column.series).where(column.job_id == job_id, column.table == table)
    return tuple((row.first, row.last, row.series) for row in connection.execute(query.order_by(column.first)))


def _chunks(
    connection: Connection, job_ids: Collection[str], of: Collection[str]
) -> dict[tuple[str, str], list[Chunk]]:
    """By job and table, in the order of their steps."""
    column = tables.chunks.c
    # Without `series`: over a long job it is most of the manifest.
    query = select(column.job_id, column.table, column.first, column.last, column.rows, column.key, column.bytes)
    query = query.add_columns(column.sha256).where(column.job_id.in_(job_ids), column.table.in_(of))
    found: dict[tuple[str, str], list[Chunk]] = {}
    for job_id, table, first, last, rows, *stored in connection.execute(query.order_by(column.first)).all():
        found.setdefault((job_id, table), []).append(Chunk(table, first, last, rows, Stored(*stored)))
    return found


def _names(
    database: Database, connection: Connection, chunks: Mapping[tuple[str, str], list[Chunk]]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """The series of each table, as its first chunk says: whatever a row says of a key is said for good."""
    keys = {at: found[0].stored.key for at, found in chunks.items()}
    known = {key: names for key in keys.values() if (names := database.series_names.get(key))}
    unknown = keys.values() - known.keys()
    if unknown:
        column = tables.chunks.c
        query = select(column.key, column.series).where(column.job_id.in_({job_id for job_id, _ in keys}))
        known |= {key: tuple(series) for key, series in connection.execute(query.where(column.key.in_(unknown)))}
        if len(database.series_names) > REMEMBERED:
            database.series_names.clear()
        database.series_names.update(known)
    return {at: known[key] for at, key in keys.items()}
