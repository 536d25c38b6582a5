"""Reads everything that is stored of a job, and says what is not as it was written."""

from dataclasses import dataclass

from jobs.errors import DamagedObject
from jobs.lifecycle import artifacts
from jobs.series.answers.names import recorded_tables
from jobs.series.format.manifest import Manifest, is_complete, read_manifest
from jobs.series.format.schedule import schedules
from jobs.series.read.reader import Series
from jobs.storage.objects.protocol import Objects, Stored


@dataclass(frozen=True)
class Damage:
    """An object that is missing, or has other bytes than were written."""

    key: str
    reason: str


@dataclass(frozen=True)
class Verification:
    """What was read: how many objects and bytes, what of them is damaged, and which tables have every row."""

    objects: int
    bytes: int
    damaged: tuple[Damage, ...]
    complete: dict[str, bool]


def verify(series: Series) -> Verification:
    """Read every object that a job's rows name. Raises NotFound."""
    job, database, objects = series.job, series.database, series.objects
    with objects.reading(job.id):
        manifest, schedule = read_manifest(database, job.id), schedules(job.resolved.spec, job.stopped_at)
        stored = _stored(series, manifest)
        read = [_read(objects, each) for each in stored]
        damaged = [damage for _, damage in read if damage is not None]
        if damaged:  # what a newer checkpoint or another attempt has done away with meanwhile is not missing
            named = {each.key for each in _stored(series, read_manifest(database, job.id))}
            damaged = [damage for damage in damaged if damage.key in named]
    return Verification(
        len(stored),
        sum(size for size, _ in read),
        tuple(damaged),
        {
            table: is_complete(manifest.chunks[table], schedule[table])
            for table in recorded_tables(job)
            if schedule[table].next(-1) is not None
        },
    )


def _stored(series: Series, manifest: Manifest) -> list[Stored]:
    chunks = [chunk.stored for chunks in manifest.chunks.values() for chunk in chunks]
    return chunks + [artifact.stored for artifact in artifacts.of(series.database, series.job.id)]


def _read(objects: Objects, stored: Stored) -> tuple[int, Damage | None]:
    """How many bytes an object has or should have, and what is wrong with them."""
    try:
        return len(objects.read(stored, afresh=True)), None
    except DamagedObject as error:
        return stored.bytes or 0, Damage(stored.key, str(error))
