"""Which checkpoints a job has, and how its series is cut back to one of them. The last two are kept."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select, update

from jobs.lifecycle import artifacts
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import Hold, clip, tell, write_row
from jobs.lifecycle.events import Event, warning
from jobs.lifecycle.held import Held
from jobs.storage import keys, tables
from jobs.storage.database import Database

KEPT = 2  # the newest may turn out to be damaged


def of(database: Database, job_id: str) -> tuple[Artifact, ...]:
    """The newest first."""
    with database.read() as connection:
        return of_job(connection, job_id)


def of_job(connection: Connection, job_id: str) -> tuple[Artifact, ...]:
    """The same, as a transaction sees them."""
    return tuple(each for each in artifacts.of_job(connection, job_id) if each.kind == "checkpoint")


def record(connection: Connection, hold: Hold, checkpoint: Artifact) -> tuple[str, ...]:
    """Make a checkpoint real; the keys of those that are no longer kept. Raises AttemptLost.

    A job that gets this far is not poison: its losses are counted from 0 again.
    """
    write_row(connection, hold, losses=0)
    artifacts.keep(connection, hold.job_id, checkpoint)
    old = of_job(connection, hold.job_id)[KEPT:]
    artifacts.drop(connection, hold.job_id, old)
    step, size = checkpoint.step, checkpoint.stored.bytes
    tell(connection, hold, Event("checkpoint", f"stored after step {step}", {"step": step, "bytes": size}))
    return tuple(each.stored.key for each in old)


def go_back(database: Database, hold: Hold, step: int | None, damaged: Sequence[int] = ()) -> None:
    """Hide everything after the checkpoint at `step`, everything at all where that is None. Raises AttemptLost.

    damaged: the steps of newer checkpoints that cannot be read.
    """
    with database.write() as connection:
        write_row(connection, hold, step=step or 0)
        at = (tables.attempts.c.job_id == hold.job_id) & (tables.attempts.c.number == hold.attempt)
        connection.execute(update(tables.attempts).where(at).values(begins_after=step))
        clip(connection, hold.job_id, -1 if step is None else step)
        tell(connection, hold, *_gone_back(step, damaged))


def _gone_back(step: int | None, damaged: Sequence[int]) -> Iterator[Event]:
    if damaged:
        steps = " and ".join(map(str, damaged))
        rest = "there is no other: the attempt begins anew" if step is None else f"it goes on after step {step}"
        yield warning(f"the checkpoint after step {steps} is damaged; {rest}", steps=list(damaged))
    if step:  # of what was stored before the first step, nothing is taken over
        yield Event("resumed", f"goes on after step {step}", {"step": step})


def sweep(held: Held) -> None:
    """Delete what earlier attempts left that no row names: a crash, or a clip, lies in between."""
    hold, named = held.hold, set[str]()
    with held.database.read() as connection:
        for table in (tables.artifacts, tables.chunks, tables.retired):
            named |= set(connection.scalars(select(table.c.key).where(table.c.job_id == hold.job_id)))
    for attempt in range(keys.INHERITED, hold.attempt):
        for key in held.objects.keys(keys.of_attempt(hold.job_id, attempt)):
            held.still_there()
            if key not in named:
                held.objects.delete(key)
