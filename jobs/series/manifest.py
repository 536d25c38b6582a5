"""The manifest: which chunks a job's series is made of. A chunk exists once its row does."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select

from jobs import tables
from jobs.attempts import Hold
from jobs.database import Database
from jobs.job import Status
from jobs.objects import Stored
from jobs.series.schedule import Schedule
from jobs.series.schema import TABLES, TEST, TRAIN
from jobs.store import not_there


@dataclass(frozen=True)
class Chunk:
    """The rows of one table from step `first` to step `last`, both of them rows, and the object that holds them."""

    table: str
    first: int
    last: int
    rows: int
    stored: Stored


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
    jobs = tables.jobs
    with database.read() as connection:
        job = connection.execute(select(jobs.c.status, jobs.c.attempt).where(jobs.c.id == job_id)).one_or_none()
        if job is None:
            raise not_there(connection, job_id)
        chunks = _chunks(connection, job_id)
        names = _names(connection, job_id)
    return Manifest(
        Status(job.status),
        job.attempt,
        {table: tuple(chunk for chunk in chunks if chunk.table == table) for table in TABLES},
        {table: names.get(table, ()) for table in TABLES},
    )


def last_chunks(database: Database, table: str, job_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Of each job that has rows in a table, what the manifest says of each series of its last chunk there."""
    column = tables.chunks.c
    with database.read() as connection:
        found = connection.execute(_ends(func.max, column.job_id.in_(list(job_ids)) & (column.table == table))).all()
    return {job_id: series for job_id, _, series in found}


def latest(database: Database, job_id: str) -> dict[str, float | None]:
    """The newest value of each metric, `train.loss` and so on, as far as they are committed."""
    return {
        f"{table}.{name}": statistics["last"]
        for table in (TRAIN, TEST)
        for name, statistics in last_chunks(database, table, [job_id]).get(job_id, {}).items()
    }


def described(database: Database, job_id: str, table: str) -> tuple[tuple[int, int, dict[str, Any]], ...]:
    """Of each chunk of a table, in the order of their steps: first and last step, and what is said of each series."""
    column = tables.chunks.c
    query = select(column.first, column.last, column.series).where(column.job_id == job_id, column.table == table)
    with database.read() as connection:
        return tuple((row.first, row.last, row.series) for row in connection.execute(query.order_by(column.first)))


def state(database: Database, job_id: str) -> tuple[Any, ...]:
    """What every answer of a job's series is a function of, in few words: where the job stands, and how far it is."""
    jobs, column = tables.jobs.c, tables.chunks.c
    with database.read() as connection:
        job = connection.execute(select(jobs.status, jobs.attempt).where(jobs.id == job_id)).one_or_none()
        if job is None:
            raise not_there(connection, job_id)
        ends = select(column.table, func.max(column.last), func.sum(column.rows)).where(column.job_id == job_id)
        recorded = connection.execute(ends.group_by(column.table).order_by(column.table)).all()
    return (*job, *map(tuple, recorded))


def insert_chunk(connection: Connection, hold: Hold, chunk: Chunk, series: dict[str, Any]) -> None:
    """Put a chunk into the manifest, with what there is to say of each of its series."""
    values = asdict(chunk)
    stored = values.pop("stored")
    connection.execute(
        insert(tables.chunks).values(job_id=hold.job_id, attempt=hold.attempt, series=series, **values, **stored)
    )


def is_complete(chunks: Sequence[Chunk], schedule: Schedule) -> bool:
    """Whether the chunks, in the order of their steps, hold every scheduled step: none is missing, none there twice.

    Within a chunk steps increase and no row is written but at a scheduled step, so that it suffices to count them.
    """
    due = schedule.next(-1)
    for chunk in chunks:
        if chunk.first != due or chunk.last not in schedule or chunk.rows != schedule.count(chunk.first, chunk.last):
            return False
        due = schedule.next(chunk.last)
    return due is None


def _chunks(connection: Connection, job_id: str) -> list[Chunk]:
    column = tables.chunks.c
    # Without `series`: over a long job it is most of the manifest.
    query = select(column.table, column.first, column.last, column.rows, column.key, column.bytes, column.sha256)
    query = query.where(column.job_id == job_id).order_by(column.table, column.first)
    return [
        Chunk(table, first, last, rows, Stored(*stored))
        for table, first, last, rows, *stored in connection.execute(query).all()
    ]


def _names(connection: Connection, job_id: str) -> dict[str, tuple[str, ...]]:
    found = connection.execute(_ends(func.min, tables.chunks.c.job_id == job_id)).all()
    return {table: tuple(series) for _, table, series in found}


def _ends(which: Callable[..., Any], condition: ColumnElement[bool]) -> Select[Any]:
    """Job, table and series of the first chunk (func.min) or the last one (func.max) of each job's tables."""
    column = tables.chunks.c
    end = select(column.job_id, column.table, which(column.first).label("first")).where(condition)
    chosen = end.group_by(column.job_id, column.table).subquery()
    same = (column.job_id == chosen.c.job_id) & (column.table == chosen.c.table) & (column.first == chosen.c.first)
    return select(column.job_id, column.table, column.series).join(chosen, same)
