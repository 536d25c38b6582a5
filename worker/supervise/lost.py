"""Jobs held by a process that is gone: seen at once on this host, after their leases elsewhere."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from jobs.errors import AttemptLost
from jobs.lifecycle import attempts, leases
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended
from jobs.lifecycle.workers import Worker
from jobs.storage.database import Database
from worker.supervise.locks import try_lock


def take_up_lost(database: Database, data: Path, worker: Worker, holds: Callable[[], frozenset[Hold]]) -> None:
    """Queue such jobs again; `holds` gives those of this worker."""
    here = leases.running_on(database, worker.host)
    overdue = leases.overdue(database)
    held_here = holds()  # after those queries: what they saw as ours is in it by now
    for hold, worker_id in here:
        if hold not in held_here and _is_gone(data, worker, worker_id):
            ours = worker_id == worker.id
            _lose(database, data, worker, hold, "it came to grief in its worker" if ours else "its worker is gone")
    for hold in overdue:
        if hold not in held_here:
            _lose(database, data, worker, hold, "its lease is over")


def _lose(database: Database, data: Path, worker: Worker, hold: Hold, reason: str) -> None:
    with try_lock(data, hold.job_id) as gone, suppress(AttemptLost):
        if gone:  # else its trainer still lives, and ends itself within its silence
            attempts.end(database, hold, Ended("lost", reason=reason), by=worker.id)


def _is_gone(data: Path, worker: Worker, worker_id: str) -> bool:
    if worker_id == worker.id:
        return True  # ours, and we do not hold it: the attempt came to grief
    with try_lock(data, worker_id) as gone:
        return gone
