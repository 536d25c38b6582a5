"""What clients do with jobs: submit, cancel, pause, resume, delete. Asking twice gives the same answer."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, delete, insert, select, update

from jobs.errors import NotAllowed, Stale
from jobs.lifecycle.demands import DEMANDS, REQUESTED, Verb, allows
from jobs.lifecycle.events import CLIENT
from jobs.lifecycle.job import ACTIONS, Job, Status, new_id
from jobs.lifecycle.labels import facets, retag
from jobs.lifecycle.lookup import get_within, in_line, shown
from jobs.lifecycle.moves import make, move
from jobs.spec.document import Labels
from jobs.spec.resolved import LABELS, Resolved
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects

DONE: dict[Verb, str] = {"cancel": "cancelled", "pause": "paused", "resume": "resumed"}


def submit(database: Database, resolved: Resolved) -> Job:
    """Put a job into the queue. Raises InvalidSpec where its dataset was deleted meanwhile."""
    row = queued_row(resolved, time.time())
    with database.write() as connection:
        make(connection, [row], by=CLIENT)
    job = Job(row["id"], Status.QUEUED, 0, resolved, row["created"])
    with database.read() as connection:  # what is only looked up keeps no other writer waiting
        return in_line(database, connection, job)


def queued_row(resolved: Resolved, now: float) -> dict[str, Any]:
    """What the row of a new job says, under an id of its own."""
    return {
        "id": new_id(now),
        "created": now,
        "spec": resolved.document,
        "spec_sha256": resolved.sha256,
        **facets(resolved.document),
        "dataset": asdict(resolved.dataset),
        "steps": resolved.steps,
        "block_steps": resolved.block_steps,
        "warnings": list(resolved.warnings),
        "requested_device": resolved.device,
        "engine": resolved.engine.engine,
        "engine_reason": resolved.engine.reason,
    }


def ask(database: Database, job_id: str, verb: Verb) -> Job:
    """Cancel, pause or resume a job. Raises NotFound, NotAllowed."""
    with database.write() as connection:
        job = get_within(connection, job_id, to_change=True)
        if not allows(job.status, verb):
            raise refused(job, DONE[verb])
        apply(connection, tables.jobs.c.id == job_id, verb)
        return shown(database, connection, get_within(connection, job_id))


def relabel(
    database: Database, job_id: str, changed: Callable[[dict[str, Any]], Labels], seen: Collection[int] | None
) -> Job:
    """Change what a job is called, and whether it is kept: `changed` makes the new labels of its document.

    seen: the revisions of its labels of which one must still be that of the job; None: any. Raises NotFound, Stale, and
    what `changed` raises.
    """
    with database.write() as connection:
        job = get_within(connection, job_id, to_change=True)
        if seen is not None and job.revision not in seen:
            raise Stale(f"the labels of job {job_id} were changed meanwhile: look at it again, and then decide")
        document = job.resolved.document
        labels = changed({name: value for name, value in document.items() if name in LABELS})
        new = document | labels.model_dump(mode="json")
        if new != document:
            row = update(tables.jobs).where(tables.jobs.c.id == job_id)
            connection.execute(row.values(spec=new, revision=job.revision + 1, **facets(new)))
            retag(connection, job_id, new["tags"])
        return shown(database, connection, get_within(connection, job_id))


def apply(connection: Connection, which: ColumnElement[bool], verb: Verb) -> None:
    """The verb's effect on those of these jobs on which it has one; what is to be cancelled is not paused any more."""
    jobs, request = tables.jobs.c, REQUESTED[verb]
    move(connection, which, DEMANDS[request].status, by=CLIENT)
    undecided = jobs.requested.is_distinct_from("cancel")
    running = update(tables.jobs).where(which, jobs.status == Status.RUNNING, undecided)
    connection.execute(running.values(requested=request))


def remove(database: Database, objects: Objects, job_id: str) -> None:
    """Delete a job that has ended, with everything that it recorded. Raises NotFound, Gone, NotAllowed."""
    with database.write() as connection:
        job = get_within(connection, job_id, to_change=True)
        if "delete" not in ACTIONS[job.status]:
            raise refused(job, "deleted")
        remove_rows(connection, [job_id])
    objects.delete_owned(job_id)


def lock_experiment(connection: Connection, which: str | ScalarSelect[str]) -> None:
    """Nobody else adds jobs to the experiment of that id, moves or deletes them, before the transaction ends."""
    connection.execute(select(tables.experiments.c.id).where(tables.experiments.c.id == which).with_for_update())


def remove_rows(connection: Connection, job_ids: Sequence[str], *, by: str = CLIENT) -> None:
    """Delete jobs' rows, and keep their ids; objects that a crash leaves belong to nobody and are never read.

    by: who has it done.
    """
    now = time.time()
    rows = delete(tables.jobs).where(tables.jobs.c.id.in_(job_ids)).returning(tables.jobs.c.id)
    gone = connection.scalars(rows).all()  # without those that somebody else has deleted meanwhile
    if gone:
        connection.execute(insert(tables.deleted), [{"id": job_id, "at": now, "by": by} for job_id in gone])


def refused(job: Job, done: str) -> NotAllowed:
    """What to raise where a verb comes at the wrong time."""
    allowed = ", ".join(ACTIONS[job.status])
    return NotAllowed(f"job {job.id} cannot be {done}: it is {job.status}; allowed now: {allowed}")
