"""The only place where the status of a job changes: a move writes the row, the attempt and an event together."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, literal, select, update

from jobs.lifecycle.datasets import secure_datasets
from jobs.lifecycle.events import Event, record, warning
from jobs.lifecycle.job import TERMINAL, Ended, Status, origins
from jobs.lifecycle.labels import tag
from jobs.lifecycle.totals import Total, count
from jobs.storage import tables

WRITTEN = (tables.jobs.c.id, tables.jobs.c.attempt)  # of a job that was moved: its document, which may be long, is not


@dataclass(frozen=True)
class Beginning:
    """An attempt that begins with a move."""

    worker: str
    host: str
    claimed: ColumnElement[Any]  # now, on the clock of the leases
    begins_after: ColumnElement[Any]  # the step of its job's newest checkpoint, in terms of the table of jobs


@dataclass(frozen=True)
class Ending:
    """An attempt that ends with a move."""

    how: Ended
    seconds: ColumnElement[Any]  # that it took, in terms of the table of attempts
    output: str | None  # what its process printed; None: what the last beat said


def make(connection: Connection, rows: Sequence[dict[str, Any]], *, by: str) -> None:
    """Put new jobs into the queue. Raises InvalidSpec where an uploaded dataset of theirs is not there any more."""
    secured = secure_datasets(connection, rows)
    connection.execute(insert(tables.jobs), [{**row, "status": Status.QUEUED} for row in secured])
    tag(connection, {row["id"]: row["spec"]["tags"] for row in rows})
    of_none = {row["id"]: None for row in rows}
    record(connection, of_none, _events(Status.QUEUED, None), by=by, now=time.time(), are_new=True)


def move(
    connection: Connection,
    which: ColumnElement[bool],
    to: Status,
    *,
    by: str,
    attempt: Beginning | Ending | None = None,
    **values: Any,
) -> Sequence[Row[Any]]:
    """Move those of these jobs to a status that stand where it is the next one; `WRITTEN` of each, as it is then.

    The caller's transaction does it, in a few statements however many jobs there are; what other jobs it changes, it
    has locked before, as `totals.count` asks. by: who has it done. attempt: what begins with a move to `running`, or
    ends with one from there: without it, no running job is moved. values: what else the rows say from now on.
    """
    assert isinstance(attempt, Beginning) == (to is Status.RUNNING)
    now = time.time()
    legal = tables.jobs.c.status.in_(_origins(to, attempt))
    change = update(tables.jobs).where(which, legal).values(**_stands(to, now), **values)
    moved = connection.execute(change.returning(*WRITTEN)).all()
    if not moved:
        return ()
    job_ids = [row.id for row in moved]
    match attempt:
        case Beginning():
            _begin(connection, job_ids, attempt)
        case Ending():
            _end(connection, job_ids, attempt, now)
    told = {row.id: row.attempt if attempt else None for row in moved}
    record(connection, told, _events(to, attempt), by=by, now=now)
    count(connection, _counted(to, attempt), len(moved))
    return moved


def _origins(to: Status, attempt: Beginning | Ending | None) -> list[Status]:
    """Where jobs may stand that are moved so: an attempt ends where one runs, and nowhere else."""
    return [status for status in origins(to) if (status is Status.RUNNING) == isinstance(attempt, Ending)]


def _stands(to: Status, now: float) -> dict[str, Any]:
    """What the row of every job says that has come to a status."""
    if to is Status.RUNNING:
        return {
            "status": to,
            "attempt": tables.jobs.c.attempt + 1,
            "started": now,
            "not_before": None,
            "steps_per_second": None,
            "weights_sha256": None,
            "stopped": None,
            "kept": None,
        }
    return {"status": to, "lease_until": None, "requested": None, "finished": now if to in TERMINAL else None}


def _begin(connection: Connection, job_ids: Sequence[str], attempt: Beginning) -> None:
    jobs = tables.jobs.c
    row = {
        "job_id": jobs.id,
        "number": jobs.attempt,
        "started": jobs.started,
        "worker": literal(attempt.worker),
        "host": literal(attempt.host),
        "claimed": attempt.claimed,
        "begins_after": attempt.begins_after,
    }
    begun = select(*row.values()).where(jobs.id.in_(job_ids))
    connection.execute(insert(tables.attempts).from_select(list(row), begun))


def _end(connection: Connection, job_ids: Sequence[str], attempt: Ending, now: float) -> None:
    column = tables.attempts.c
    live = update(tables.attempts).where(column.job_id.in_(job_ids), column.ended.is_(None))
    printed = {} if attempt.output is None else {"output": attempt.output}
    connection.execute(live.values(ended=now, outcome=attempt.how.text, seconds=attempt.seconds, **printed))


def _counted(to: Status, attempt: Beginning | Ending | None) -> Iterator[Total]:
    """What has ended with a move."""
    error = None
    if isinstance(attempt, Ending):
        error = attempt.how.error
        yield Total("attempts", attempt.how.outcome)
    if to in TERMINAL:
        yield Total("jobs_ended", to, error.code if error else "")


def _events(to: Status, attempt: Beginning | Ending | None) -> list[Event]:
    """What to tell of a move: what went wrong, if anything did, and then where the jobs stand."""
    match attempt:
        case None:
            return [Event("status", to, {"status": to})]
        case Beginning(host=host):
            return [Event("status", f"{to} on {host}", {"status": to})]
        case Ending(how=how):
            why = how.error.message if how.error else how.text
            message = to if why == to else f"{to}: {why}"
            data = {"status": to, "outcome": how.outcome, "reason": how.reason}
            return [*_troubles(how), Event("status", message, data)]


def _troubles(how: Ended) -> Iterator[Event]:
    if how.outcome in ("lost", "returned"):
        yield warning(f"the attempt was {how.text}", outcome=how.outcome, reason=how.reason)
    if how.error:
        yield Event("error", how.error.message, asdict(how.error), "error")
