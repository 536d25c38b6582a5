"""What the database says of the whole house at a moment, and how much room there is: the same whoever is asked."""

import shutil
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection

from jobs.lifecycle import totals
from jobs.lifecycle.job import TERMINAL, Outcome, Status
from jobs.lifecycle.queue import DEVICES, Queue, by_status, queue_of
from jobs.lifecycle.totals import FAILURES, Total
from jobs.lifecycle.workers import Moment, Worker, moment_of, runs
from jobs.storage import usage, waiting
from jobs.storage.database import Database

State = Literal["free", "busy", "trouble"]
Spread = Mapping[tuple[str, ...], int]
"""By device and state a number, 0 included: an alert sees what is there, and not what is missing."""


@dataclass(frozen=True)
class Reading:
    """What is told of a moment."""

    jobs: Mapping[Status, int]
    queue: Queue
    workers: Spread
    slots: Spread
    standing: Mapping[waiting.Reason, int]  # running jobs, by why they stand still
    totals: Mapping[Total, int]
    free_bytes: int
    disk_bytes: int


def read(database: Database) -> Reading:
    """How things stand now."""
    with database.read() as connection:
        now = moment_of(database, connection)
        numbers, queue = by_status(connection), queue_of(connection, time.time())
        standing, counted = _standing(database, connection), totals.of_all(connection)
    disk = shutil.disk_usage(database.data)
    return Reading(
        jobs=numbers,
        queue=queue,
        workers=workers_by_state(now),
        slots=slots_by_state(now),
        standing=standing,
        totals=_never_yet() | counted,
        free_bytes=disk.free,
        disk_bytes=disk.total,
    )


def read_stored(database: Database) -> Mapping[str, int]:
    """How many bytes are kept, by kind: every row of a chunk is added up for it."""
    with database.read() as connection:
        kinds = usage.bytes_by_kind(connection)
        of_datasets = usage.bytes_of_datasets(connection, database.data)
        of_database = usage.bytes_of_database(database, connection)
    return {
        **kinds,
        "datasets": of_datasets,
        "database": of_database,
    }


def workers_by_state(now: Moment) -> Spread:
    """How many workers there are: busy ones have no free slot, and those in trouble claim nothing."""
    found = _nothing()
    for worker in now.workers:
        free = worker.slots - now.running.get(worker.id, 0)
        found[_device(worker), "trouble" if worker.trouble else "free" if free > 0 else "busy"] += 1
    return found


def slots_by_state(now: Moment) -> Spread:
    """How many jobs they can train at a time; of a worker in trouble, those that it does not claim."""
    found = _nothing()
    for worker in now.workers:
        busy = min(worker.slots, now.running.get(worker.id, 0))
        found[_device(worker), "busy"] += busy
        found[_device(worker), "trouble" if worker.trouble else "free"] += worker.slots - busy
    return found


def _nothing() -> Counter[tuple[str, ...]]:
    return Counter({(device, state): 0 for device in DEVICES for state in get_args(State)})


def _device(worker: Worker) -> str:
    """The one that it is kept for: every worker has a CPU."""
    return "cuda" if "cuda" in worker.devices else "cpu"


def _standing(database: Database, connection: Connection) -> Mapping[waiting.Reason, int]:
    marks, reasons = waiting.marks(database), get_args(waiting.Reason)
    found = Counter[waiting.Reason](dict.fromkeys(reasons, 0))
    found.update(marks[run.id] for held in runs(connection).values() for run in held if run.id in marks)
    return found


def _never_yet() -> dict[Total, int]:
    """What is told before it has happened, so that its first time is seen as a change."""
    outcomes = (Total("attempts", outcome) for outcome in get_args(Outcome) if outcome != "replaced")
    endings = (Total("jobs_ended", status) for status in TERMINAL if status is not Status.FAILED)
    failures = (Total("jobs_ended", Status.FAILED, code) for code in FAILURES)
    return dict.fromkeys((*outcomes, *endings, *failures), 0)
