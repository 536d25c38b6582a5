"""What a job goes through, one event after another, each written in the transaction that makes it true."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select

from jobs.storage import tables

Type = Literal[
    "status",  # it stands elsewhere now
    "checkpoint",  # it was stored as it is after a step
    "resumed",  # an attempt goes on after a step
    "stopped",  # its evaluations ended it before its last step
    "warning",  # something that a person should know
    "output",  # what its process printed
    "error",  # it failed
]
Level = Literal["info", "warning", "error"]
CLIENT = "client"
KEPT = 1000  # events of each type but status that are kept of a job, the newest


@dataclass(frozen=True)
class Event:
    """What happens to a job, or to several at once."""

    type: Type
    message: str  # for people
    data: dict[str, Any]  # for programs
    level: Level = "info"


def by_worker(worker_id: str) -> str:
    """A worker as the one who has something done."""
    return f"worker {worker_id}"


def warning(message: str, **data: Any) -> Event:
    """Something that a person should know."""
    return Event("warning", message, data, "warning")


def record(
    connection: Connection,
    attempts: Mapping[str, int | None],
    events: Sequence[Event],
    *,
    by: str,
    now: float,
    are_new: bool = False,
) -> None:
    """Write events down for each of these jobs, whose rows the transaction has changed or made.

    So nobody else writes one of the same job before the transaction ends, and no number is there twice. attempts: by
    job, the number of the attempt that the events are of; None: of none. by: who has it done.
    """
    last = {} if are_new else _last_numbers(connection, attempts)
    written = [
        {"job_id": job_id, "number": last.get(job_id, 0) + i, "time": now, "attempt": attempt, "by": by, **vars(event)}
        for job_id, attempt in attempts.items()
        for i, event in enumerate(events, 1)
    ]
    connection.execute(insert(tables.events), written)
    for job_id, number in last.items():
        if number + len(events) > KEPT:
            for kind in {event.type for event in events} - {"status"}:
                _delete_old(connection, job_id, kind)


def _last_numbers(connection: Connection, job_ids: Iterable[str]) -> dict[str, int]:
    """The number of the last event of each job that has any. The last one is never deleted, so that numbers rise."""
    column = tables.events.c
    last = select(column.job_id, func.max(column.number).label("number")).where(column.job_id.in_(list(job_ids)))
    return {row.job_id: row.number for row in connection.execute(last.group_by(column.job_id))}


def _delete_old(connection: Connection, job_id: str, kind: Type) -> None:
    """Delete what is older than the newest events of a type."""
    column = tables.events.c
    of_kind = (column.job_id == job_id) & (column.type == kind)
    newest = select(column.number).where(of_kind).order_by(column.number.desc())
    newest_old = newest.offset(KEPT).limit(1).scalar_subquery()
    connection.execute(delete(tables.events).where(of_kind, column.number <= newest_old))
