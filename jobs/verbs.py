"""What clients do to jobs that exist: cancel, pause, resume, retry, delete. Asking twice gives the same answer."""

import time
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update

from jobs import tables
from jobs.checkpoints import of_job
from jobs.database import Database
from jobs.errors import NotAllowed
from jobs.job import ACTIONS, TERMINAL, Job, Status
from jobs.objects import Objects, Stored
from jobs.series.readers import forget
from jobs.store import get_within, new_id, with_waiting

Verb = Literal["cancel", "pause", "resume"]

EFFECTS: dict[Verb, dict[Status, dict[str, Any]]] = {
    "cancel": {
        Status.QUEUED: {"status": Status.CANCELLED},
        Status.PAUSED: {"status": Status.CANCELLED},
        Status.RUNNING: {"requested": "cancel"},
        Status.CANCELLED: {},
    },
    "pause": {Status.QUEUED: {"status": Status.PAUSED}, Status.RUNNING: {"requested": "pause"}, Status.PAUSED: {}},
    "resume": {Status.PAUSED: {"status": Status.QUEUED}, Status.RUNNING: {"requested": None}, Status.QUEUED: {}},
}
"""What a verb changes in a job's row, by its status; whoever has a running job does what is requested of it."""

DONE: dict[Verb, str] = {"cancel": "cancelled", "pause": "paused", "resume": "resumed"}

COPIED = ("spec", "spec_sha256", "steps", "block_steps", "warnings", "requested_device")
PINNED = ("device", "environment", "differs")  # of a job that goes on where another one was


def ask(database: Database, job_id: str, verb: Verb) -> Job:
    """Cancel, pause or resume a job. Raises NotFound, NotAllowed."""
    with database.write() as connection:
        job = get_within(connection, job_id, to_change=True)
        if job.status not in EFFECTS[verb]:
            raise _refused(job, DONE[verb])
        apply(connection, tables.jobs.c.id == job_id, verb)
        return with_waiting(database, connection, get_within(connection, job_id))


def apply(connection: Connection, which: ColumnElement[bool], verb: Verb) -> None:
    """The verb's effect on those of these jobs on which it has one; what is to be cancelled is not paused any more."""
    jobs, now = tables.jobs.c, time.time()
    for status, effect in EFFECTS[verb].items():
        if not effect:
            continue
        ending = {"finished": now} if effect.get("status") in TERMINAL else {}
        undecided = jobs.requested.is_distinct_from("cancel")
        connection.execute(update(tables.jobs).where(which, jobs.status == status, undecided).values(effect | ending))


def retry(database: Database, objects: Objects, job_id: str, *, from_checkpoint: bool) -> Job:
    """Queue a new job of the same document, which goes on at the last checkpoint where it should and there is one.

    A retry that has not ended is the answer itself. Raises NotFound, NotAllowed.
    """
    with database.write() as connection:
        parent = get_within(connection, job_id, to_change=True)
        if "retry" not in ACTIONS[parent.status]:
            raise _refused(parent, "retried")
        jobs = tables.jobs.c
        open_retry = select(jobs.id).where(jobs.parent == job_id, jobs.status.not_in(TERMINAL))
        child_id = connection.scalar(open_retry)
        if child_id is None:
            child_id = _child(connection, objects, parent, from_checkpoint=from_checkpoint)
        return with_waiting(database, connection, get_within(connection, child_id))


def remove(database: Database, objects: Objects, job_id: str) -> None:
    """Delete a job that has ended, with everything that it recorded. Raises NotFound, Gone, NotAllowed."""
    with database.write() as connection:
        job = get_within(connection, job_id, to_change=True)
        if "delete" not in ACTIONS[job.status]:
            raise _refused(job, "deleted")
        remove_rows(connection, [job_id])
    remove_objects(objects, job_id)


def remove_rows(connection: Connection, job_ids: Sequence[str]) -> None:
    """Delete jobs' rows, and keep their ids; objects that a crash leaves belong to nobody and are never read."""
    now = time.time()
    connection.execute(delete(tables.jobs).where(tables.jobs.c.id.in_(job_ids)))
    connection.execute(insert(tables.deleted), [{"id": job_id, "at": now} for job_id in job_ids])


def remove_objects(objects: Objects, job_id: str) -> None:
    """Delete what a job has stored, once it has no rows."""
    objects.delete_prefix(f"jobs/{job_id}")
    forget(objects, job_id)


def _child(connection: Connection, objects: Objects, parent: Job, *, from_checkpoint: bool) -> str:
    now = time.time()
    row = connection.execute(select(tables.jobs).where(tables.jobs.c.id == parent.id)).one()._mapping
    kept = of_job(connection, parent.id)[:1] if from_checkpoint else ()
    names = (*COPIED, *(PINNED if kept else ()))
    child = {name: row[name] for name in names} | {"id": new_id(now), "created": now, "parent": parent.id}
    connection.execute(insert(tables.jobs).values(**child, status=Status.QUEUED, latest={}))
    for checkpoint in kept:
        wanted = {
            tables.checkpoints: tables.checkpoints.c.step == checkpoint.step,
            tables.chunks: tables.chunks.c.first <= checkpoint.step,
        }
        for table, which in wanted.items():
            _copy(connection, objects, table, which, parent.id, child["id"])
    return str(child["id"])


def _copy(
    connection: Connection, objects: Objects, table: Table, which: ColumnElement[bool], parent_id: str, child_id: str
) -> None:
    """Rows of a table of stored objects, each object under a second name, so that either job may be deleted."""
    for row in connection.execute(select(table).where(table.c.job_id == parent_id, which)).mappings().all():
        rest = row["key"].split("/", 3)[3]
        key = f"jobs/{child_id}/0/{rest}"
        objects.link(Stored(row["key"], row["bytes"], row["sha256"]), key)
        connection.execute(insert(table).values({**row, "job_id": child_id, "key": key}))


def _refused(job: Job, done: str) -> NotAllowed:
    allowed = ", ".join(ACTIONS[job.status])
    return NotAllowed(f"job {job.id} cannot be {done}: it is {job.status}; allowed now: {allowed}")
