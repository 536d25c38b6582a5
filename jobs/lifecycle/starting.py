"""Submits a job that starts from another one's network: that is copied first, so that nobody can delete it under it."""

import time

from sqlalchemy import delete, insert

from jobs.errors import DamagedObject, FieldError, InvalidSpec
from jobs.lifecycle import artifacts, clients
from jobs.lifecycle.artifacts import Artifact, Kind
from jobs.lifecycle.events import CLIENT
from jobs.lifecycle.job import Job
from jobs.lifecycle.lookup import get_within, in_line
from jobs.lifecycle.moves import make
from jobs.spec.resolved import Resolved
from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects

NETWORKS: tuple[Kind, ...] = ("weights", "best", "checkpoint")
"""Kinds of what has a network to start from."""


def submit(database: Database, objects: Objects, resolved: Resolved) -> Job:
    """Put a job into the queue. Raises InvalidSpec where its dataset, or what it starts from, was deleted meanwhile."""
    initial = resolved.spec.initial
    if initial is None:
        return clients.submit(database, resolved)
    assert initial.sha256 is not None
    found = artifacts.of_digest(database, initial.job, initial.sha256, NETWORKS)
    if found is None:
        raise _gone(initial.job)
    row = clients.queued_row(resolved, time.time())
    job_id, key = row["id"], keys.of_initial(row["id"])
    with objects.reading(job_id):  # what is listed as retired stays for as long as somebody reads
        with database.write() as connection:
            connection.execute(insert(tables.retired).values(key=key, job_id=job_id))
        try:
            stored = objects.copy(found.stored, key)
            with database.write() as connection:
                make(connection, [row], by=CLIENT)
                artifacts.keep(connection, job_id, Artifact("initial", 0, stored))
                connection.execute(delete(tables.retired).where(tables.retired.c.job_id == job_id))
        except DamagedObject:
            raise _gone(initial.job) from None
    with database.read() as connection:
        return in_line(database, connection, get_within(connection, job_id))


def _gone(job_id: str) -> InvalidSpec:
    told = f"what job {job_id} had stored was deleted meanwhile: look at it again, and then decide"
    return InvalidSpec((FieldError("/initial/job", told),))
