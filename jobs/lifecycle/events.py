"""What a job goes through, one event after another, each written in the transaction that makes it true."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select

from jobs.storage import tables

Level = Literal["info", "warning", "error"]
CLIENT = "client"


@dataclass(frozen=True)
class Event:
    """What happens to a job, or to several at once."""

    level: Level
    by: str  # who has it done: a client, or a worker
    message: str  # for people
    data: dict[str, Any]  # for programs
    is_of_attempt: bool  # which is the job's newest one; else it is of no attempt


def by_worker(worker_id: str) -> str:
    """A worker as the one who has something done."""
    return f"worker {worker_id}"


def record(
    connection: Connection, rows: Sequence[Row[Any]], event: Event, now: float, *, are_new: bool = False
) -> None:
    """Write an event down for each of these jobs, whose rows the transaction has changed or made.

    So nobody else writes one of the same job before the transaction ends, and no number is there twice.
    """
    last = {} if are_new else _last_numbers(connection, [row.id for row in rows])
    of_each = {"time": now, "type": "status", "level": event.level, "by": event.by, "message": event.message}
    written = [
        {
            "job_id": row.id,
            "number": last.get(row.id, 0) + 1,
            "attempt": row.attempt if event.is_of_attempt else None,
            "data": event.data,
            **of_each,
        }
        for row in rows
    ]
    connection.execute(insert(tables.events), written)


def _last_numbers(connection: Connection, job_ids: Sequence[str]) -> dict[str, int]:
    """The number of the last event of each job that has any."""
    column = tables.events.c
    last = select(column.job_id, func.max(column.number).label("number")).where(column.job_id.in_(job_ids))
    return {row.job_id: row.number for row in connection.execute(last.group_by(column.job_id))}
