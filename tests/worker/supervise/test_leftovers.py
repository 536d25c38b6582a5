"""What the killed and the deleted have left is removed, and nothing else is."""

import os
import time
from pathlib import Path

from sqlalchemy import insert

from jobs.lifecycle import attempts, clients
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended
from jobs.lifecycle.workers import Worker, announce
from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.support.workers import submit
from worker.supervise.leftovers import OLD, remove_leftovers
from worker.supervise.locks import try_lock

WORKER = Worker("alive", "here", 1, 1, ("cpu",), 0.0, 0.0)


def leave(folder: Path, name: str, *, age: float = OLD + 60) -> Path:
    """A file that was last touched so many seconds ago."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.touch()
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_locks_and_marks_of_the_dead_are_removed(database: Database, objects: Objects) -> None:
    announce(database, WORKER)
    running = submit(database).id
    assert attempts.claim(database, WORKER) is not None
    queued, data = submit(database).id, database.data
    kept = [
        leave(data / "locks", "alive.lock"),
        leave(data / "locks", f"{running}.lock"),
        leave(data / "locks", "young.lock", age=0),
        leave(data / "waiting", f"{running}.full"),
    ]
    gone = [
        leave(data / "locks", "dead.lock"),
        leave(data / "locks", f"{queued}.lock"),
        leave(data / "waiting", f"{queued}.slow"),
    ]
    remove_leftovers(database, objects)
    assert [path for path in kept if not path.exists()] == []
    assert [path for path in gone if path.exists()] == []


def test_what_deleted_jobs_have_stored_is_removed_once_nobody_reads_it(database: Database, objects: Objects) -> None:
    queued = submit(database).id
    with database.write() as connection:
        connection.execute(insert(tables.deleted), [{"id": job_id, "at": 0.0} for job_id in ("gone", "read and gone")])
    for job_id in (queued, "gone", "of another database"):
        objects.put(keys.of_weights(job_id, 1), b"weights")
    with objects.reading("read and gone"):
        remove_leftovers(database, objects)
        assert objects.owners() == {queued, "of another database", "read and gone"}
    remove_leftovers(database, objects)
    assert objects.owners() == {queued, "of another database"}


def test_a_lock_that_is_held_stays(database: Database, objects: Objects) -> None:
    with try_lock(database.data, "held") as mine:
        leave(database.data / "locks", "held.lock")
        remove_leftovers(database, objects)
        with try_lock(database.data, "held") as again:
            assert (mine, again) == (True, False)


def test_a_job_that_was_run_and_deleted_leaves_nothing(database: Database, objects: Objects) -> None:
    job = submit(database)
    claimed = attempts.claim(database, WORKER)
    assert claimed is not None
    objects.put(keys.of_chunk(job.id, 1, "train", 1, 2), b"a chunk")
    attempts.end(database, Hold(job.id, 1), Ended("succeeded"))
    clients.remove(database, objects, job.id)
    assert objects.owners() == set()
