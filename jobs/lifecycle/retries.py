"""A retry: a new job of the same document, which may go on where the first one was stored last."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from jobs.errors import BnlabError
from jobs.lifecycle import checkpoints
from jobs.lifecycle.clients import lock_experiment, refused
from jobs.lifecycle.events import CLIENT
from jobs.lifecycle.job import ACTIONS, TERMINAL, Job, Status, new_id
from jobs.lifecycle.labels import FACETS
from jobs.lifecycle.lookup import get_within, shown
from jobs.lifecycle.moves import make
from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects, Stored

ENGINE = ("engine", "engine_reason")
COPIED = ("spec", *FACETS, "spec_sha256", "dataset", "steps", "block_steps", "warnings", "requested_device", *ENGINE)
PINNED = ("device", "environment", "preprocessing", "differs")  # of a job that goes on where another one was

Stock = tuple[tuple[Table, dict[str, Any]], ...]
"""Rows of stored objects, each with its table."""


@dataclass(frozen=True)
class _Wanted:
    """A retry that is to be made: of which job, under which id, and whether it goes on at the last checkpoint."""

    parent: str
    child: str
    from_checkpoint: bool


def retry(database: Database, objects: Objects, job_id: str, *, from_checkpoint: bool) -> Job:
    """Queue a new job of the same document, which goes on at the last checkpoint where it should and there is one.

    It takes the first one's place in its experiment. A retry that has not ended is the answer itself. Raises NotFound,
    NotAllowed, InvalidSpec where its dataset was deleted, and DamagedObject where what it would go on from is missing.

    Its objects are copied before the transaction, so that nobody waits for them, and the transaction makes sure that
    nothing has changed since.
    """
    tried: Stock | None = None
    while True:
        wanted, trouble = _Wanted(job_id, new_id(time.time()), from_checkpoint), None
        with database.read() as connection:
            found = _taken_over(connection, wanted)
        with objects.reading(wanted.child):  # what is listed as retired stays for as long as somebody reads
            try:
                copies = _copy(database, objects, wanted, found)
                job = _queue_retry(database, wanted, found, copies)
                if job is not None:
                    return job
            except BnlabError as error:
                trouble = error
            _delete(database, objects, wanted)
        if trouble is not None and found == tried:
            raise trouble
        tried = found


def _taken_over(connection: Connection, wanted: _Wanted, *, to_change: bool = False) -> Stock:
    """What a retry that is to be made now starts from, or goes on from; nothing where it is there already.

    Raises NotFound, NotAllowed.
    """
    parent = get_within(connection, wanted.parent, to_change=to_change)
    if "retry" not in ACTIONS[parent.status]:
        raise refused(parent, "retried")
    if _open_retry(connection, parent.id) is not None:
        return ()
    chosen = [(tables.artifacts, tables.artifacts.c.kind == "initial")]
    for checkpoint in checkpoints.of_job(connection, parent.id)[:1] if wanted.from_checkpoint else ():
        chosen += [
            (tables.artifacts, tables.artifacts.c.key == checkpoint.stored.key),
            (tables.artifacts, tables.artifacts.c.kind == "whitening"),
            (tables.chunks, tables.chunks.c.first <= checkpoint.step),
        ]
    return tuple(
        (table, dict(row))
        for table, which in chosen
        for row in connection.execute(select(table).where(table.c.job_id == parent.id, which)).mappings()
    )


def _copy(database: Database, objects: Objects, wanted: _Wanted, found: Stock) -> Stock:
    """The same rows of the new job, each object under a second key, so that either job may be deleted.

    Until there is such a job its objects are listed as retired: what a crash leaves of them, a worker deletes.
    """
    copies = tuple(
        (table, row | {"job_id": wanted.child, "key": keys.of_inherited(wanted.child, row["key"])})
        for table, row in found
    )
    if copies:
        with database.write() as connection:
            listed = [{"key": row["key"], "job_id": wanted.child} for _, row in copies]
            connection.execute(insert(tables.retired), listed)
    for (_, row), (_, copy) in zip(found, copies, strict=True):
        objects.copy(Stored(row["key"], row["bytes"], row["sha256"]), copy["key"])
    return copies


def _delete(database: Database, objects: Objects, wanted: _Wanted) -> None:
    """Delete what was copied for a job that was not made."""
    objects.delete_owned(wanted.child)
    with database.write() as connection:
        connection.execute(delete(tables.retired).where(tables.retired.c.job_id == wanted.child))


def _queue_retry(database: Database, wanted: _Wanted, found: Stock, copies: Stock) -> Job | None:
    """The job's retry, made under this id unless one is there; None where what it goes on from has changed."""
    with database.write() as connection:
        members, family = tables.members.c, (wanted.parent, *_retries(connection, wanted.parent))
        place = select(members.experiment_id).where(members.job_id.in_(family)).limit(1)
        lock_experiment(connection, place.scalar_subquery())
        if _taken_over(connection, wanted, to_change=True) != found:
            return None
        retry_id = _open_retry(connection, wanted.parent)
        if retry_id is None:
            retry_id = wanted.child
            _insert_child(connection, wanted, copies)
        connection.execute(update(tables.members).where(members.job_id.in_(family)).values(job_id=retry_id))
        return shown(database, connection, get_within(connection, retry_id))


def _insert_child(connection: Connection, wanted: _Wanted, copies: Stock) -> None:
    row = connection.execute(select(tables.jobs).where(tables.jobs.c.id == wanted.parent)).one()._mapping
    names = (*COPIED, *(PINNED if any(copy.get("kind") == "checkpoint" for _, copy in copies) else ()))
    child = {name: row[name] for name in names} | {"id": wanted.child, "created": time.time(), "parent": wanted.parent}
    make(connection, [child], by=CLIENT)
    for table, copy in copies:
        connection.execute(insert(table).values(copy))
    connection.execute(delete(tables.retired).where(tables.retired.c.job_id == wanted.child))


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
