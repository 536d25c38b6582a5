"""What a job went through, read: page by page, all of it or what matters."""

from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import Connection, select

from jobs.lifecycle.events import Level, Type
from jobs.lifecycle.lookup import not_there
from jobs.storage import tables
from jobs.storage.database import Database

LEVELS: tuple[Level, ...] = get_args(Level)  # the least first
MOST = 1000  # events at once


@dataclass(frozen=True)
class Told:
    """An event as it was written."""

    number: int  # of the job's events, from 1; those of a job rise, and some may be missing
    time: float  # seconds since 1970
    type: Type
    level: Level
    attempt: int | None  # None: it is of none
    by: str  # client, or worker and its id
    message: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """Some of a job's events, the oldest first; `next`: after which number to ask for more, where there is more."""

    events: tuple[Told, ...]
    next: int | None


def page(
    database: Database,
    job_id: str,
    *,
    after: int = 0,
    limit: int = MOST,
    level: Level = "info",
    only: Type | None = None,
) -> Page:
    """The events past a number, of at least a level, of one type or of all. Raises NotFound."""
    column = tables.events.c
    query = select(tables.events).where(column.job_id == job_id, column.number > after)
    if level != LEVELS[0]:
        query = query.where(column.level.in_(LEVELS[LEVELS.index(level) :]))
    if only is not None:
        query = query.where(column.type == only)
    with database.read() as connection:
        rows = connection.execute(query.order_by(column.number).limit(limit + 1)).all()
        if not rows:
            _require(connection, job_id)
    told = tuple(
        Told(row.number, row.time, row.type, row.level, row.attempt, row.by, row.message, row.data)
        for row in rows[:limit]
    )
    return Page(told, told[-1].number if len(rows) > limit else None)


def _require(connection: Connection, job_id: str) -> None:
    if connection.execute(select(tables.jobs.c.id).where(tables.jobs.c.id == job_id)).first() is None:
        raise not_there(connection, job_id)
