"""What workers do to jobs: claim, beat, end, and take up what others lost. Every write is fenced by the attempt."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    delete,
    func,
    select,
    update,
)

from jobs.datasets.preprocessing import Preprocessing
from jobs.errors import AttemptLost
from jobs.lifecycle import artifacts
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.demands import DEMANDS, ENDS
from jobs.lifecycle.events import Event, by_worker, record, warning
from jobs.lifecycle.job import Ended, Job, JobError, Request, Status
from jobs.lifecycle.lookup import get_within
from jobs.lifecycle.moves import Beginning, Ending, move
from jobs.lifecycle.printed import KEPT_OUTPUT, Printed, delete_beyond
from jobs.lifecycle.queue import is_ripe, suits
from jobs.lifecycle.scores import Scores, drop, keep
from jobs.lifecycle.workers import Worker
from jobs.spec.engines import Choice
from jobs.storage import tables
from jobs.storage.database import Database, lease_clock

BEAT = 2.0  # seconds between two beats of a supervisor
LEASE = 15.0  # seconds that a claim or a beat holds a job
MAX_LOSSES = 3  # attempts lost in a row before the job itself is blamed
FIRST_WAIT = 1.0  # seconds until a job is tried again whose attempt was lost; twice as long each time in a row


@dataclass(frozen=True)
class Hold:
    """A job held by one attempt: the pair that every write names."""

    job_id: str
    attempt: int

    @property
    def fields(self) -> dict[str, Any]:
        """As a line of a log names it."""
        return {"job": self.job_id, "attempt": self.attempt}


def claim(database: Database, worker: Worker) -> Job | None:
    """Take the oldest queued job that this worker can run, begin an attempt, and hide what follows its checkpoint."""
    jobs, clock = tables.jobs, lease_clock(database)
    oldest = select(jobs.c.id).where(is_ripe(clock), suits(worker.devices)).order_by(jobs.c.id).limit(1)
    which = jobs.c.id == oldest.with_for_update(skip_locked=True).scalar_subquery()
    newest = artifacts.newest_checkpoint(jobs.c.id)
    attempt = Beginning(worker.id, worker.host, clock, newest)
    values = {"lease_until": clock + LEASE, "step": func.coalesce(newest, 0)}
    with database.write() as connection:
        taken = move(connection, which, Status.RUNNING, by=by_worker(worker.id), attempt=attempt, **values)
        if not taken:
            return None
        job = get_within(connection, taken[0].id)
        begins_after = connection.scalar(select(newest).where(jobs.c.id == job.id))
        clip(connection, job.id, -1 if begins_after is None else begins_after)
        return job


def clip(connection: Connection, job_id: str, step: int) -> None:
    """Hide what a job recorded after a step: all where it is -1, else that of a checkpoint, which no chunk crosses."""
    column = tables.chunks.c
    connection.execute(delete(tables.chunks).where(column.job_id == job_id, column.first > step))
    artifacts.hide_after(connection, job_id, step)
    drop(connection, job_id)


def fenced(hold: Hold) -> ColumnElement[bool]:
    """The condition of every write by an attempt: it still holds its job."""
    jobs = tables.jobs
    return and_(jobs.c.id == hold.job_id, jobs.c.attempt == hold.attempt, jobs.c.status == Status.RUNNING)


def write_row(connection: Connection, hold: Hold, **values: Any) -> None:
    """Change the held job's row. Raises AttemptLost where another attempt, or an ending, came in between."""
    if connection.execute(update(tables.jobs).where(fenced(hold)).values(values)).rowcount == 0:
        raise _lost(hold)


def held_row(connection: Connection, hold: Hold) -> Row[Any]:
    """The held job's row, which nobody else changes before the transaction ends. Raises AttemptLost."""
    return _there(connection.execute(select(tables.jobs).where(fenced(hold)).with_for_update()).one_or_none(), hold)


def tell(connection: Connection, hold: Hold, *events: Event, by: str | None = None) -> None:
    """Write down what happened to the held job, whose row the transaction has changed or locked.

    by: the id of the worker that has it done; None: the attempt's own.
    """
    if events:
        by = by_worker(by or _worker_of(connection, hold))
        record(connection, {hold.job_id: hold.attempt}, events, by=by, now=time.time())


def _worker_of(connection: Connection, hold: Hold) -> str:
    query = select(tables.attempts.c.worker).where(_row_of(hold))
    return connection.execute(query).scalar_one()  # type: ignore[no-any-return]  # a row's columns have no types


def beat(database: Database, hold: Hold, printed: Printed | None = None) -> None:
    """Renew the lease; `printed`: by the process, where something of that is new. Raises AttemptLost."""
    with database.write() as connection:
        write_row(connection, hold, lease_until=lease_clock(database) + LEASE)
        if printed is not None:
            connection.execute(update(tables.attempts).where(_row_of(hold)).values(output=printed.text))
            _tell_output(connection, hold, printed)


def _tell_output(connection: Connection, hold: Hold, printed: Printed) -> None:
    if printed.has_news:
        tell(connection, hold, printed.event)
        if printed.end > KEPT_OUTPUT:
            delete_beyond(connection, hold.job_id, hold.attempt)


def requested(database: Database, hold: Hold) -> Request | None:
    """What somebody asked of the held job. Raises AttemptLost."""
    with database.read() as connection:
        row = connection.execute(select(tables.jobs.c.requested).where(fenced(hold))).one_or_none()
    return _there(row, hold).requested  # type: ignore[no-any-return]  # a row's columns have no types


def record_start(
    database: Database,
    hold: Hold,
    device: str,
    environment: dict[str, Any],
    preprocessing: Preprocessing,
    differs: Sequence[str] = (),
    engine: Choice | None = None,
    whitening: Artifact | None = None,
) -> None:
    """Pin the device that was found, and keep what becomes of inputs before the network gets them, and the environment
    of the attempt and how it differs from earlier ones'.

    engine: another one than was decided, where that cannot be had. whitening: where the matrix of that is kept.
    Raises AttemptLost.
    """
    other = {} if engine is None else {"engine": engine.engine, "engine_reason": engine.reason}
    with database.write() as connection:
        before = held_row(connection, hold)
        found = {"device": device, "environment": environment, "preprocessing": preprocessing.plain()}
        write_row(connection, hold, **found, differs=list(differs), **other)
        if whitening is not None:
            artifacts.keep(connection, hold.job_id, whitening)
        tell(connection, hold, *_unlike(before, differs, engine))


def _unlike(before: Row[Any], differs: Sequence[str], engine: Choice | None) -> Iterator[Event]:
    """What a person should know of an attempt's start: it is not as what came before, or as was decided."""
    if new := [each for each in differs if each not in before.differs]:
        yield warning(f"goes on in another environment: {'; '.join(new)}", differs=new)
    if engine is not None and (before.engine, engine.engine) == ("compiled", "eager"):
        yield warning(f"trained without a compiled step: {engine.reason}", engine=engine.engine, reason=engine.reason)


def progress(connection: Connection, hold: Hold, step: int, steps_per_second: float | None, scores: Scores) -> None:
    """Say how far the attempt is, and where its metrics stand; a speed of None leaves that as it is.

    Raises AttemptLost.
    """
    pace = {} if steps_per_second is None else {"steps_per_second": steps_per_second}
    write_row(connection, hold, step=step, **pace)
    keep(connection, hold.job_id, scores)


def record_progress(database: Database, hold: Hold, step: int, steps_per_second: float | None, scores: Scores) -> bool:
    """Show how far the attempt is; whether somebody looks on. Raises AttemptLost."""
    with database.write() as connection:
        progress(connection, hold, step, steps_per_second, scores)
        watched = tables.jobs.c.watched_until > lease_clock(database)
        return bool(connection.scalar(select(watched).where(tables.jobs.c.id == hold.job_id)))


def record_weights(
    database: Database,
    hold: Hold,
    *weights: Artifact,
    stopped: dict[str, Any] | None = None,
    kept: dict[str, Any] | None = None,
) -> None:
    """Keep where the final weights are, the first of these, and those of the best network. Raises AttemptLost.

    The job's row has the checksum of the final ones, why it was stopped, and what the best network is.
    """
    with database.write() as connection:
        write_row(connection, hold, weights_sha256=weights[0].stored.sha256, stopped=stopped, kept=kept)
        for each in weights:
            artifacts.keep(connection, hold.job_id, each)
        if stopped is not None:
            tell(connection, hold, Event("stopped", stopped["message"], stopped))


def record_probabilities(database: Database, hold: Hold, probabilities: Artifact) -> None:
    """Keep where the probabilities on the test set are. Raises AttemptLost."""
    with database.write() as connection:
        held_row(connection, hold)
        artifacts.keep(connection, hold.job_id, probabilities)


def end(database: Database, hold: Hold, ended: Ended, printed: Printed | None = None, by: str | None = None) -> None:
    """Write down how an attempt ended, and let go of its job: it has ended too, or goes where it was asked to go.

    A job of which too many attempts in a row were lost fails. printed: by the process; None where nobody
    knows more than the last beat did. by: the id of the worker that found it so; None: the attempt's own.
    Raises AttemptLost where the attempt no longer holds its job.
    """
    assert ended.outcome != "replaced"  # another attempt holds the job by now
    with database.write() as connection:
        clock = lease_clock(database)  # now that no other writer has to be waited for
        row = held_row(connection, hold)
        to, values, lease_until = ENDS.get(ended.outcome, DEMANDS[row.requested].status), {}, None
        if ended.outcome == "lost":
            losses, lease_until = row.losses + 1, row.lease_until
            values = {"losses": losses, "not_before": clock + FIRST_WAIT * 2 ** (losses - 1)}
            if losses >= MAX_LOSSES and row.requested is None:
                to, ended = Status.FAILED, replace(ended, error=_poison(ended.reason))
        values["error"] = asdict(ended.error) if ended.error else None
        attempt = Ending(ended, _seconds(clock, lease_until), None if printed is None else printed.text)
        if printed is not None:
            _tell_output(connection, hold, printed)
        worker = by_worker(by or _worker_of(connection, hold))
        move(connection, fenced(hold), to, by=worker, attempt=attempt, **values)


def _there(row: Row[Any] | None, hold: Hold) -> Row[Any]:
    if row is None:
        raise _lost(hold)
    return row


def _lost(hold: Hold) -> AttemptLost:
    return AttemptLost(f"attempt {hold.attempt} no longer holds job {hold.job_id}")


def _row_of(hold: Hold) -> ColumnElement[bool]:
    return and_(tables.attempts.c.job_id == hold.job_id, tables.attempts.c.number == hold.attempt)


def _poison(reason: str) -> JobError:
    """Why a job fails whose attempts were lost too often, the last one for this reason."""
    return JobError(
        "poison",
        f"{MAX_LOSSES} attempts in a row were lost ({reason}); something in the job ends its process: "
        "look at what its attempts printed, and try a smaller batch or network",
    )


def _seconds(clock: ColumnElement[Any], lease_until: float | None) -> ColumnElement[Any]:
    """How long an attempt took; one that was found to be lost, which may have been long ago, until its lease ended."""
    ended = clock if lease_until is None else case((clock < lease_until, clock), else_=lease_until)
    spent = ended - tables.attempts.c.claimed
    return case((spent > 0, spent), else_=0.0)  # not above 0: the machine was started since
