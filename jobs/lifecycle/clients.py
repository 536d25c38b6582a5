"""What clients do to jobs that exist: cancel, pause, resume, retry, delete. Asking twice gives the same answer."""

import time
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Table, delete, insert, select, update

from jobs.errors import BnlabError, NotAllowed
from jobs.lifecycle.checkpoints import of_job
from jobs.lifecycle.job import ACTIONS, TERMINAL, Job, Status
from jobs.lifecycle.lookup import get_within, new_id, with_waiting
from jobs.series.read.leases import forget, reading
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.folder import Objects, Stored

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

Stock = tuple[tuple[Table, dict[str, Any]], ...]
"""Rows of stored objects, each with its table."""


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

    It takes the first one's place in its experiment. A retry that has not ended is the answer itself. Raises NotFound,
    NotAllowed, and DamagedObject where what it would go on from is missing.

    Its files are linked before the transaction, so that nobody waits for them, and the transaction makes sure that
    nothing has changed since.
    """
    tried: Stock | None = None
    while True:
        with database.read() as connection:
            found = _taken_over(connection, job_id, from_checkpoint=from_checkpoint)
        child_id, trouble = new_id(time.time()), None
        with reading(objects, child_id):  # what is listed as retired stays for as long as somebody reads
            try:
                copies = _link(database, objects, found, child_id)
                job = _queue_retry(database, job_id, child_id, found, copies, from_checkpoint=from_checkpoint)
                if job is not None:
                    return job
            except BnlabError as error:
                trouble = error
            _unlink(database, objects, child_id)
        if trouble is not None and found == tried:
            raise trouble
        tried = found


def remove(database: Database, objects: Objects, job_id: str) -> None:
    """Delete a job that has ended, with everything that it recorded. Raises NotFound, Gone, NotAllowed."""
    with database.write() as connection:
        job = get_within(connection, job_id, to_change=True)
        if "delete" not in ACTIONS[job.status]:
            raise _refused(job, "deleted")
        remove_rows(connection, [job_id])
    remove_objects(objects, job_id)


def lock_experiment(connection: Connection, which: str | ScalarSelect[str]) -> None:
    """Nobody else adds jobs to the experiment of that id, moves or deletes them, before the transaction ends."""
    connection.execute(select(tables.experiments.c.id).where(tables.experiments.c.id == which).with_for_update())


def remove_rows(connection: Connection, job_ids: Sequence[str]) -> None:
    """Delete jobs' rows, and keep their ids; objects that a crash leaves belong to nobody and are never read."""
    now = time.time()
    rows = delete(tables.jobs).where(tables.jobs.c.id.in_(job_ids)).returning(tables.jobs.c.id)
    gone = connection.scalars(rows).all()  # without those that somebody else has deleted meanwhile
    if gone:
        connection.execute(insert(tables.deleted), [{"id": job_id, "at": now} for job_id in gone])


def remove_objects(objects: Objects, job_id: str) -> None:
    """Delete what a job has stored, once it has no rows."""
    objects.delete_prefix(f"jobs/{job_id}")
    forget(objects, job_id)


def _taken_over(connection: Connection, job_id: str, *, from_checkpoint: bool, to_change: bool = False) -> Stock:
    """What a retry that is to be made now goes on from; nothing where it begins anew, or is there already.

    Raises NotFound, NotAllowed.
    """
    parent = get_within(connection, job_id, to_change=to_change)
    if "retry" not in ACTIONS[parent.status]:
        raise _refused(parent, "retried")
    if not from_checkpoint or _open_retry(connection, job_id) is not None:
        return ()
    wanted = [
        (table, which)
        for checkpoint in of_job(connection, job_id)[:1]
        for table, which in (
            (tables.checkpoints, tables.checkpoints.c.step == checkpoint.step),
            (tables.chunks, tables.chunks.c.first <= checkpoint.step),
        )
    ]
    return tuple(
        (table, dict(row))
        for table, which in wanted
        for row in connection.execute(select(table).where(table.c.job_id == job_id, which)).mappings()
    )


def _link(database: Database, objects: Objects, found: Stock, child_id: str) -> Stock:
    """The same rows of the new job, each object under a second name, so that either job may be deleted.

    Until there is such a job its objects are listed as retired: what a crash leaves of them, a worker deletes.
    """
    copies = tuple((table, row | {"job_id": child_id, "key": _key(child_id, row)}) for table, row in found)
    if copies:
        with database.write() as connection:
            connection.execute(insert(tables.retired), [{"key": row["key"], "job_id": child_id} for _, row in copies])
    for (_, row), (_, copy) in zip(found, copies, strict=True):
        objects.link(Stored(row["key"], row["bytes"], row["sha256"]), copy["key"])
    return copies


def _unlink(database: Database, objects: Objects, child_id: str) -> None:
    """Delete what was linked for a job that was not made."""
    remove_objects(objects, child_id)
    with database.write() as connection:
        connection.execute(delete(tables.retired).where(tables.retired.c.job_id == child_id))


def _queue_retry(
    database: Database, job_id: str, child_id: str, found: Stock, copies: Stock, *, from_checkpoint: bool
) -> Job | None:
    """The job's retry, made under this id unless one is there; None where what it goes on from has changed."""
    with database.write() as connection:
        members, family = tables.members.c, (job_id, *_retries(connection, job_id))
        place = select(members.experiment_id).where(members.job_id.in_(family)).limit(1)
        lock_experiment(connection, place.scalar_subquery())
        if _taken_over(connection, job_id, from_checkpoint=from_checkpoint, to_change=True) != found:
            return None
        retry_id = _open_retry(connection, job_id)
        if retry_id is None:
            retry_id = child_id
            _insert_child(connection, job_id, child_id, copies)
        connection.execute(update(tables.members).where(members.job_id.in_(family)).values(job_id=retry_id))
        return with_waiting(database, connection, get_within(connection, retry_id))


def _insert_child(connection: Connection, parent_id: str, child_id: str, copies: Stock) -> None:
    row = connection.execute(select(tables.jobs).where(tables.jobs.c.id == parent_id)).one()._mapping
    names = (*COPIED, *(PINNED if copies else ()))
    child = {name: row[name] for name in names} | {"id": child_id, "created": time.time(), "parent": parent_id}
    connection.execute(insert(tables.jobs).values(**child, status=Status.QUEUED, latest={}))
    for table, copy in copies:
        connection.execute(insert(table).values(copy))
    connection.execute(delete(tables.retired).where(tables.retired.c.job_id == child_id))


def _open_retry(connection: Connection, job_id: str) -> str | None:
    """The retry that has not ended, of the job or of one of its retries."""
    return next((each for each, status in _retries(connection, job_id).items() if status not in TERMINAL), None)


def _retries(connection: Connection, job_id: str) -> dict[str, Status]:
    """The retries of a job, theirs, and so on, with where each stands."""
    jobs = tables.jobs.c
    found: dict[str, Status] = {}
    latest = [job_id]
    while latest:
        rows = connection.execute(select(jobs.id, jobs.status).where(jobs.parent.in_(latest)).order_by(jobs.id)).all()
        latest = [row.id for row in rows]
        found |= {row.id: Status(row.status) for row in rows}
    return found


def _key(child_id: str, row: dict[str, Any]) -> str:
    """Where a retry has an object of its parent: among those of an attempt 0."""
    return f"jobs/{child_id}/0/{row['key'].split('/', 3)[3]}"


def _refused(job: Job, done: str) -> NotAllowed:
    allowed = ", ".join(ACTIONS[job.status])
    return NotAllowed(f"job {job.id} cannot be {done}: it is {job.status}; allowed now: {allowed}")
