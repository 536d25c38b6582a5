"""Files that nobody needs any more and nobody could remove: of processes that were killed, of jobs that are gone."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from jobs.lifecycle.job import Status
from jobs.storage import tables, waiting
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from worker.supervise.locks import try_lock

EVERY = 3600.0  # seconds between two looks for them
OLD = 3600.0  # seconds after which no file belongs to a job whose row is only about to be made


def remove_leftovers(database: Database, objects: Objects) -> None:
    """Remove the locks of the dead, and what belongs to jobs that were deleted.

    What the database has never heard of stays: the folder may be that of another database.
    """
    waited = waiting.marked(database)  # asked first: who waited then and does not run now has ended
    with database.read() as connection:
        running = set(connection.scalars(select(tables.jobs.c.id).where(tables.jobs.c.status == Status.RUNNING)))
        deleted = set(connection.scalars(select(tables.deleted.c.id)))
        workers = set(connection.scalars(select(tables.workers.c.id)))
    for path in _old(database.data / "locks"):
        if path.stem not in running | workers:
            with try_lock(database.data, path.stem):  # whoever lets go of it removes it
                pass
    for job_id in waited - running:
        waiting.clear(database, job_id)
    for job_id in objects.owners() & deleted:
        with objects.nobody_reads(job_id) as free:
            if free:
                objects.delete_owned(job_id)


def _old(folder: Path) -> Iterator[Path]:
    """What is in a folder and was last touched long ago; others remove files meanwhile."""
    before = time.time() - OLD
    for path in folder.iterdir() if folder.exists() else ():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                yield path
