"""What a training leaves beside its series: checkpoints, probabilities, weights. Each is real once its row is."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, and_, delete, func, insert, not_, or_, select

from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Stored

Kind = Literal["best", "checkpoint", "initial", "probabilities", "weights", "whitening"]


@dataclass(frozen=True)
class Artifact:
    """An object that a run has left after `step`.

    best: the weights and buffers at the best evaluation, as safetensors.
    checkpoint: the run itself, as far as it decides what comes after; the series up to its step is committed with it.
    initial: what the run starts from: another job's weights, best or checkpoint, copied before the job was queued.
    probabilities: of the network that is kept, on its test set, float32 [examples, classes], as numpy's own file.
    weights: of the trained network, with its buffers, as safetensors.
    whitening: the matrix by which inputs are whitened, float32 [values, values], as numpy's own file.
    """

    kind: Kind
    step: int
    stored: Stored


def of(database: Database, job_id: str) -> tuple[Artifact, ...]:
    """All that a job has, by kind and from the newest on."""
    with database.read() as connection:
        return of_job(connection, job_id)


def of_job(connection: Connection, job_id: str) -> tuple[Artifact, ...]:
    """The same, as a transaction sees them."""
    column = tables.artifacts.c
    query = select(tables.artifacts).where(column.job_id == job_id).order_by(column.kind, column.step.desc())
    return tuple(Artifact(row.kind, row.step, _stored(row)) for row in connection.execute(query).all())


def of_kind(database: Database, kind: Kind, job_ids: Collection[str]) -> dict[str, Stored]:
    """By job, the newest of a kind: of those jobs that have one."""
    column = tables.artifacts.c
    query = select(tables.artifacts).where(column.job_id.in_(job_ids), column.kind == kind).order_by(column.step)
    with database.read() as connection:
        return {row.job_id: _stored(row) for row in connection.execute(query).all()}


def of_digest(database: Database, job_id: str, sha256: str, kinds: Collection[Kind]) -> Artifact | None:
    """What a job has stored of that SHA-256 and one of these kinds, where it still has it."""
    there = (each for each in of(database, job_id) if each.kind in kinds)
    return next((each for each in there if each.stored.sha256 == sha256), None)


def newest_checkpoint(job_id: ColumnElement[str]) -> ScalarSelect[int]:
    """The step of a job's newest checkpoint, null where it has none, as part of a query."""
    column = tables.artifacts.c
    return select(func.max(column.step)).where(column.job_id == job_id, column.kind == "checkpoint").scalar_subquery()


def keep(connection: Connection, job_id: str, artifact: Artifact) -> None:
    """Make an artifact real, in place of one of the same kind and step."""
    column = tables.artifacts.c
    place = {"job_id": job_id, "kind": artifact.kind, "step": artifact.step}
    same = and_(*(column[name] == value for name, value in place.items()))
    connection.execute(delete(tables.artifacts).where(same))
    connection.execute(insert(tables.artifacts).values(**place, **vars(artifact.stored)))


def drop(connection: Connection, job_id: str, artifacts: Iterable[Artifact]) -> None:
    """Take these artifacts away; their objects are for the caller to delete, once that is committed."""
    column, gone = tables.artifacts.c, [artifact.stored.key for artifact in artifacts]
    connection.execute(delete(tables.artifacts).where(column.job_id == job_id, column.key.in_(gone)))


def hide_after(connection: Connection, job_id: str, step: int) -> None:
    """Take away what came after a step: all but what the run starts from, and the checkpoints up to that step."""
    column = tables.artifacts.c
    stays = or_(column.kind.in_(("initial", "whitening")), and_(column.kind == "checkpoint", column.step <= step))
    connection.execute(delete(tables.artifacts).where(column.job_id == job_id, not_(stays)))


def _stored(row: Row[Any]) -> Stored:
    return Stored(row.key, row.bytes, row.sha256)
