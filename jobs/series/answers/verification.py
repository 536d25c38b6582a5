"""Reads everything that is stored of a job, and says what is not as it was written."""

from dataclasses import dataclass

from sqlalchemy import select

from jobs.errors import DamagedObject
from jobs.lifecycle import checkpoints
from jobs.series.answers.names import recorded_tables
from jobs.series.format.manifest import Manifest, is_complete, read_manifest
from jobs.series.format.schedule import schedules
from jobs.series.read.reader import Series
from jobs.storage import keys, tables
from jobs.storage.objects.protocol import Objects, Stored


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


def verify(series: Series) -> Verdict:
    """Read every object that a job's rows name. Raises NotFound."""
    job, database, objects = series.job, series.database, series.objects
    with objects.reading(job.id):
        manifest, schedule = read_manifest(database, job.id), schedules(job.resolved.spec)
        stored = _stored(series, manifest)
        damaged = [damage for each in stored if (damage := _damage(objects, each))]
        if damaged:  # what a newer checkpoint or another attempt has done away with meanwhile is not missing
            named = {each.key for each in _stored(series, read_manifest(database, job.id))}
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


def _stored(series: Series, manifest: Manifest) -> list[Stored]:
    chunks = [chunk.stored for chunks in manifest.chunks.values() for chunk in chunks]
    taken = [checkpoint.stored for checkpoint in checkpoints.of(series.database, series.job.id)]
    return chunks + taken + _results(series)


def _damage(objects: Objects, stored: Stored) -> Damage | None:
    try:
        objects.read(stored, afresh=True)
    except DamagedObject as error:
        return Damage(stored.key, str(error))
    return None


def _results(series: Series) -> list[Stored]:
    """What a finished training left: its probabilities, and its weights, of which the row has the checksum alone."""
    job, column = series.job, tables.probabilities.c
    query = select(column.key, column.bytes, column.sha256).where(column.job_id == job.id)
    with series.database.read() as connection:
        found = [Stored(*row) for row in connection.execute(query).all()]
    if job.weights_sha256 is not None:
        key = keys.of_weights(job.id, job.attempt)
        found.append(Stored(key, series.objects.size(key), job.weights_sha256))
    return found
