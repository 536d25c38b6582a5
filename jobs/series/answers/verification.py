"""Reads everything that is stored of a job, and says what is not as it was written."""

from dataclasses import dataclass

from sqlalchemy import select

from jobs.errors import DamagedObject
from jobs.lifecycle import checkpoints
from jobs.lifecycle.job import Job
from jobs.series.answers.names import recorded_tables
from jobs.series.format.manifest import Manifest, is_complete, read_manifest
from jobs.series.format.schedule import schedules
from jobs.series.read.leases import reading
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.folder import Objects, Stored


@dataclass(frozen=True)
class Damage:
    """An object that is missing, or has other bytes than were written."""

    key: str
    reason: str


@dataclass(frozen=True)
class Verdict:
    """What was read: how many objects and bytes, what of them is damaged, and which tables have every row."""

    objects: int
    bytes: int
    damaged: tuple[Damage, ...]
    complete: dict[str, bool]


def verify(database: Database, objects: Objects, job: Job) -> Verdict:
    """Read every object that a job's rows name. Raises NotFound."""
    untrusting = Objects(objects.root)  # it has not found anything right before
    with reading(objects, job.id):
        manifest, schedule = read_manifest(database, job.id), schedules(job.resolved.spec)
        stored = _stored(database, objects, job, manifest)
        damaged = [damage for each in stored if (damage := _damage(untrusting, each))]
        if damaged:  # what a newer checkpoint or another attempt has done away with meanwhile is not missing
            named = {each.key for each in _stored(database, objects, job, read_manifest(database, job.id))}
            damaged = [damage for damage in damaged if damage.key in named]
    return Verdict(
        len(stored),
        sum(each.bytes for each in stored),
        tuple(damaged),
        {
            table: is_complete(manifest.chunks[table], schedule[table])
            for table in recorded_tables(job)
            if schedule[table].next(-1) is not None
        },
    )


def _stored(database: Database, objects: Objects, job: Job, manifest: Manifest) -> list[Stored]:
    chunks = [chunk.stored for chunks in manifest.chunks.values() for chunk in chunks]
    taken = [checkpoint.stored for checkpoint in checkpoints.of(database, job.id)]
    return chunks + taken + _results(database, objects, job)


def _damage(objects: Objects, stored: Stored) -> Damage | None:
    try:
        objects.read(stored)
    except DamagedObject as error:
        return Damage(stored.key, str(error))
    return None


def _results(database: Database, objects: Objects, job: Job) -> list[Stored]:
    """What a finished training left: its probabilities, and its weights, of which the row has the checksum alone."""
    column = tables.probabilities.c
    query = select(column.key, column.bytes, column.sha256).where(column.job_id == job.id)
    with database.read() as connection:
        found = [Stored(*row) for row in connection.execute(query).all()]
    if job.weights_sha256 is not None:
        key = f"jobs/{job.id}/{job.attempt}/weights.safetensors"
        found.append(Stored(key, objects.size(key), job.weights_sha256))
    return found
