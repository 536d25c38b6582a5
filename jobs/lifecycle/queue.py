"""The queue: how many jobs wait in it, for how long already, and how many would be claimed before one of them."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Select,
    and_,
    bindparam,
    func,
    literal,
    not_,
    or_,
    select,
)

from jobs.lifecycle.job import Job, Status
from jobs.lifecycle.workers import LONGEST_WAIT, Moment
from jobs.storage import tables
from jobs.storage.database import Database, lease_clock

DEVICES = ("cpu", "cuda")  # there are
MOST_AHEAD = 1000  # jobs that are counted ahead of one: whoever waits behind so many need not know how many more


@dataclass(frozen=True)
class Queue:
    """Where the jobs stand that have not ended."""

    queued: int
    running: int
    paused: int
    oldest_seconds: float | None  # since the job that is claimed next was queued; None: nothing is queued
    steps_per_second: float  # of all that run


def suits(devices: Collection[str]) -> ColumnElement[bool]:
    """Whether a job may run on one of these devices: the one where it began, else one that its document allows."""
    return _device().in_(["auto", *devices])


def is_ripe(clock: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a job is queued and its time has come."""
    jobs = tables.jobs.c
    waits = and_(jobs.not_before > clock, jobs.not_before <= clock + LONGEST_WAIT)
    return and_(jobs.status == Status.QUEUED, or_(jobs.not_before.is_(None), not_(waits)))


def something_queued(database: Database) -> bool:
    """Whether any job waits that may be tried now."""
    query = select(tables.jobs.c.id).where(is_ripe(lease_clock(database))).limit(1)
    with database.read() as connection:
        return connection.execute(query).first() is not None


def ahead_of(connection: Connection, job: Job, now: Moment) -> int:
    """How many queued jobs are claimed before this one, `MOST_AHEAD` where it is so many or more.

    They are older and can run where it can: on the devices of the workers that may claim it, which are alive, or that
    it asks for where none is.
    """
    device = job.device or job.resolved.device
    suited = [worker.devices for worker in now.workers if device in ("auto", *worker.devices)]
    devices = {each for devices in suited for each in devices} or ({*DEVICES} if device == "auto" else {device})
    said = {"clock": now.clock, "devices": ["auto", *devices], "job_id": job.id}
    return connection.scalar(_older(MOST_AHEAD), said) or 0


@cache  # every answer about a queued job asks it, and to put it together takes longer than to be answered
def _older(most: int) -> Select[int]:
    jobs = tables.jobs.c
    suited = _device().in_(bindparam("devices", expanding=True))
    older = select(literal(1)).where(is_ripe(bindparam("clock", type_=Float)), suited, jobs.id < bindparam("job_id"))
    return select(func.count()).select_from(older.limit(most).subquery())


def queue_of(connection: Connection, time: float) -> Queue:
    """The queue as a transaction sees it. time: now, in seconds since 1970."""
    numbers = by_status(connection)
    jobs = tables.jobs.c
    speeds = select(func.sum(jobs.steps_per_second)).where(jobs.status == Status.RUNNING)
    return Queue(
        queued=numbers[Status.QUEUED],
        running=numbers[Status.RUNNING],
        paused=numbers[Status.PAUSED],
        oldest_seconds=_oldest(connection, time),
        steps_per_second=connection.scalar(speeds) or 0.0,
    )


def by_status(connection: Connection, *clauses: ColumnElement[bool]) -> dict[Status, int]:
    """How many jobs stand where, of those whose rows are such; of all it is read along an index."""
    status = tables.jobs.c.status
    rows = connection.execute(select(status, func.count()).where(*clauses).group_by(status)).all()
    return dict.fromkeys(Status, 0) | {Status(each): number for each, number in rows}


def _oldest(connection: Connection, time: float) -> float | None:
    """How long the first job waits: since it was queued the last time, for it may have been paused, or lost."""
    jobs, events = tables.jobs.c, tables.events.c
    first = select(jobs.id, jobs.created).where(jobs.status == Status.QUEUED).order_by(jobs.id).limit(1)
    row = connection.execute(first).one_or_none()
    if row is None:
        return None
    queued = select(func.max(events.time)).where(events.job_id == row.id, events.type == "status")
    since = connection.scalar(queued) or row.created  # no event: an earlier release has queued it
    return max(0.0, time - float(since))


def _device() -> ColumnElement[Any]:
    jobs = tables.jobs.c
    return func.coalesce(jobs.device, jobs.requested_device)
