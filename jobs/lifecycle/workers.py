"""Workers as they describe themselves, and what a queued job waits for at a moment: no row keeps that."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Float, Select, and_, bindparam, delete, func, insert, or_, select, update

from jobs.lifecycle.job import Status
from jobs.storage import tables
from jobs.storage.database import Database, lease_clock, now_on

WORKER_GONE = 10.0  # seconds without a beat after which a worker no longer counts as alive,
FORGOTTEN = 60.0  # and after which nobody needs to know it any more
LONGEST_WAIT = 60.0  # seconds that a lost job may wait for its next try; what is longer is from before a reboot


@dataclass(frozen=True)
class Worker:
    """A process that runs jobs, as it last described itself."""

    id: str
    host: str
    pid: int
    slots: int
    devices: tuple[str, ...]
    started: float  # seconds since 1970
    beat: float  # on the clock of the leases
    trouble: str | None = None  # why it does not claim


@dataclass(frozen=True)
class Run:
    """A job that a worker trains."""

    id: str
    name: str | None
    attempt: int
    step: int
    steps: int
    steps_per_second: float | None


@dataclass(frozen=True)
class Moment:
    """What queued jobs are told by: the clock of the leases, the live workers, and how many jobs each of them runs."""

    clock: float
    workers: tuple[Worker, ...]
    running: Mapping[str, int]


def announce(database: Database, worker: Worker) -> None:
    """Say that this worker is alive, and forget those that were not heard of for long."""
    workers, clock = tables.workers, lease_clock(database)
    values = {**asdict(worker), "devices": list(worker.devices), "beat": clock}
    with database.write() as connection:
        if connection.execute(update(workers).where(workers.c.id == worker.id).values(values)).rowcount == 0:
            connection.execute(insert(workers).values(values))
        # A beat that is still to come is from before a reboot.
        is_forgotten = or_(workers.c.beat < clock - FORGOTTEN, workers.c.beat > clock + FORGOTTEN)
        connection.execute(delete(workers).where(is_forgotten))


def withdraw(database: Database, worker: Worker) -> None:
    """Say that this worker has left."""
    with database.write() as connection:
        connection.execute(delete(tables.workers).where(tables.workers.c.id == worker.id))


def live_workers(database: Database) -> tuple[Worker, ...]:
    """The workers that were heard of lately."""
    with database.read() as connection:
        return moment_of(database, connection).workers


def moment_of(database: Database, connection: Connection) -> Moment:
    """How things stand as a transaction sees them."""
    clock = now_on(database, connection)
    rows = connection.execute(_LIVE, {"from": clock - WORKER_GONE, "to": clock + WORKER_GONE}).all()
    told = [row._asdict() for row in rows]
    running = {each["id"]: each.pop("running") for each in told}
    workers = tuple(Worker(**{**each, "devices": tuple(each["devices"])}) for each in told)
    return Moment(clock, workers, running)


def _live() -> Select[Any]:
    """The workers that have beaten between two moments, each with how many jobs it runs."""
    workers, attempts = tables.workers, tables.attempts.c
    of_it = (attempts.worker == workers.c.id) & attempts.ended.is_(None)
    running = select(func.count()).select_from(tables.attempts).where(of_it).scalar_subquery().label("running")
    lately = workers.c.beat.between(bindparam("from", type_=Float), bindparam("to", type_=Float))
    return select(workers, running).where(lately).order_by(workers.c.id)


_LIVE = _live()  # every answer about a queued job asks it, and to put it together takes longer than to be answered


def runs(connection: Connection) -> Mapping[str, tuple[Run, ...]]:
    """By the id of a worker the jobs that it trains, the oldest first; a worker that trains none is not named."""
    jobs, attempts = tables.jobs.c, tables.attempts.c
    current = and_(attempts.job_id == jobs.id, attempts.number == jobs.attempt)
    said = (jobs.id, jobs.name, jobs.attempt, jobs.step, jobs.steps, jobs.steps_per_second)
    query = select(attempts.worker, *said).join_from(tables.jobs, tables.attempts, current)
    found = defaultdict[str, tuple[Run, ...]](tuple)
    for worker, *values in connection.execute(query.where(jobs.status == Status.RUNNING).order_by(jobs.id)):
        found[worker] += (Run(*values),)
    return found


def reason(device: str, not_before: float | None, now: Moment) -> str:
    """What a queued job for a device waits for, which is not tried again before a moment."""
    suited = [worker for worker in now.workers if device in ("auto", *worker.devices)]
    well = [worker for worker in suited if worker.trouble is None]
    if not now.workers:
        return "worker: none is running"
    if not suited:
        return "worker with a GPU: none is running"
    if not well:
        return f"worker: none is well; on {suited[0].host}: {suited[0].trouble}"
    if not_before is not None and now.clock < not_before <= now.clock + LONGEST_WAIT:
        return f"its next try, in {not_before - now.clock:.1f} s: its last attempt was lost"
    if all(now.running.get(worker.id, 0) >= worker.slots for worker in well):
        return "slot: every worker is busy"
    return "worker: one looks for it within a second"
