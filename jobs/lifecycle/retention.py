"""Which jobs go by themselves once they have ended, as the settings say: the oldest first, rows before objects."""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, func, not_, select

from jobs.failpoints import reach
from jobs.lifecycle.clients import remove_rows
from jobs.lifecycle.job import TERMINAL, Status
from jobs.logs import about
from jobs.settings import Settings
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from jobs.storage.usage import stored

BY = "retention"  # who has deleted a job, in the table of the deleted
LEAST, MOST = 1.0, 60.0  # seconds between two looks whether a job has to go
SPARED = 50  # times as long as a look took, nobody looks: that is a fiftieth of a core
AT_ONCE = 50  # jobs that are deleted in a transaction: no writer waits longer for it than for a commit of a few
DAY = 86_400.0  # seconds
GB = 10**9  # bytes

_OPEN = [status for status in Status if status not in TERMINAL]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How much is kept; None: no matter how much."""

    seconds: float | None = None
    """Of a job, since it has ended."""
    jobs: int | None = None
    """Of those that have ended and may go: what has to be kept does not count."""
    bytes: float | None = None
    """Of all jobs together, whether they may go or not: all of them fill the disk."""

    @property
    def are_none(self) -> bool:
        """Whether nothing has to go, ever."""
        return (self.seconds, self.jobs, self.bytes) == (None, None, None)


@dataclass(frozen=True)
class Kept:
    """A job that is there, as far as retention asks."""

    id: str
    status: Status
    retain: bool
    may_go: bool
    """Whether it has ended, is not to be retained, and is of no experiment that goes on."""
    finished: float | None
    """Seconds since 1970; None: it has not ended."""
    bytes: int


def limits_of(settings: Settings) -> Limits:
    """The limits in the settings.

    >>> limits_of(Settings(keep_days=0.5, keep_gb=2.5))
    Limits(seconds=43200.0, jobs=None, bytes=2500000000.0)
    """
    seconds = None if settings.keep_days is None else settings.keep_days * DAY
    size = None if settings.keep_gb is None else settings.keep_gb * GB
    return Limits(seconds, settings.keep_jobs, size)


def choose(jobs: Sequence[Kept], limits: Limits, now: float) -> tuple[str, ...]:
    """The ids of those that have to go, the one that ended first before all others; no more than the limits ask for."""
    free = sorted((job for job in jobs if job.may_go), key=lambda job: (job.finished or 0.0, job.id))
    number, size = len(free), sum(job.bytes for job in jobs)

    def going() -> Iterator[str]:
        left, taken = number, size
        for job in free:
            is_old = limits.seconds is not None and now - (job.finished or 0.0) > limits.seconds
            too_many = limits.jobs is not None and left > limits.jobs
            too_much = limits.bytes is not None and taken > limits.bytes
            if not (is_old or too_many or too_much):
                return
            left, taken = left - 1, taken - job.bytes
            yield job.id

    return tuple(going())


def kept(connection: Connection) -> tuple[Kept, ...]:
    """Every job that is there."""
    jobs, size = tables.jobs.c, stored()
    query = select(
        *(jobs.id, jobs.status, jobs.retain, _may_go().label("may_go"), jobs.finished),
        func.coalesce(size.c.bytes, 0).label("bytes"),
    ).select_from(tables.jobs.outerjoin(size, size.c.job_id == jobs.id))
    return tuple(
        Kept(row.id, Status(row.status), row.retain, bool(row.may_go), row.finished, int(row.bytes))
        for row in connection.execute(query).all()
    )


def remove_some(database: Database, objects: Objects, limits: Limits, now: float) -> tuple[str, ...]:
    """Delete the first of the jobs that have to go, `AT_ONCE` at the most, with everything that they recorded.

    Whether each may still go is asked again in the transaction that deletes it. What somebody reads at this moment, or
    a crash leaves, lies there without rows, and is removed by the next look for leftovers.
    """
    with database.read() as connection:
        jobs = {job.id: job for job in kept(connection)}
    chosen = choose(tuple(jobs.values()), limits, now)[:AT_ONCE]
    if not chosen:
        return ()
    with database.write() as connection:
        gone = _remove_rows(connection, chosen)
    reach("rows deleted")
    for job_id in gone:
        with objects.nobody_reads(job_id) as free:
            if free:
                objects.delete_owned(job_id)
        days = (now - (jobs[job_id].finished or 0.0)) / DAY
        told = "job %s is deleted by retention: it ended %.3g days ago, with %d bytes"
        log.info(told, job_id, days, jobs[job_id].bytes, extra=about("deleted", job=job_id, reason=BY))
    return gone


class Retention:
    """Deletes what has to go, a bit each time it is called, and looks the more seldom the longer a look takes."""

    def __init__(self, settings: Settings, database: Database, objects: Objects) -> None:
        self._limits, self._database, self._objects = limits_of(settings), database, objects
        self._next_look = 0.0

    def look(self) -> None:
        """Delete some of what has to go, if it is time to look whether anything has."""
        if self._limits.are_none or time.monotonic() < self._next_look:
            return
        begun = time.monotonic()
        if not remove_some(self._database, self._objects, self._limits, time.time()):
            now = time.monotonic()
            self._next_look = now + min(max(LEAST, SPARED * (now - begun)), MOST)


def _may_go() -> ColumnElement[bool]:
    """Whether a job has ended and need not be kept, nor any job of its experiment is still to end."""
    jobs, members = tables.jobs.c, tables.members.c
    other, its_place = tables.jobs.alias().c, tables.members.alias().c
    goes_on = select(its_place.experiment_id).where(its_place.job_id == other.id, other.status.in_(_OPEN))
    of_one = select(members.job_id).where(members.experiment_id.in_(goes_on))
    return and_(jobs.status.not_in(_OPEN), not_(jobs.retain), jobs.id.not_in(of_one))


def _remove_rows(connection: Connection, job_ids: Sequence[str]) -> tuple[str, ...]:
    """Delete the rows of those jobs that may still go, and of experiments that have none any more; the jobs' ids.

    Experiments are locked before jobs, as everywhere; a job that somebody else is changing stays for the next time.
    """
    jobs, experiments, members = tables.jobs.c, tables.experiments.c, tables.members.c
    of_them = select(members.experiment_id).where(members.job_id.in_(job_ids)).distinct()
    places = connection.scalars(of_them).all()
    connection.execute(
        select(experiments.id).where(experiments.id.in_(places)).order_by(experiments.id).with_for_update()
    )
    which = select(jobs.id).where(jobs.id.in_(job_ids), _may_go()).order_by(jobs.id)
    gone = connection.scalars(which.with_for_update(skip_locked=True, of=tables.jobs)).all()
    remove_rows(connection, gone, by=BY)
    is_empty = experiments.id.not_in(select(members.experiment_id))
    connection.execute(delete(tables.experiments).where(experiments.id.in_(places), is_empty))
    return tuple(gone)
