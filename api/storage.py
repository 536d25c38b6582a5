"""Looks what takes how much room: what jobs have stored by their rows, the rest on the server's disks."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from api.schemas.storage import Group, Groups, Keep, LargeJob, Storage, Taken
from jobs.lifecycle.job import TERMINAL
from jobs.lifecycle.retention import Kept, kept
from jobs.settings import Settings
from jobs.storage import tables, usage
from jobs.storage.database import Database

LARGEST = 10  # jobs that are named


def storage(settings: Settings, database: Database) -> Storage:
    """The answer, which reads no object."""
    with database.read() as connection:
        jobs = kept(connection)
        largest = _named(connection, sorted(jobs, key=lambda job: (-job.bytes, job.id))[:LARGEST])
        stored, of_database = usage.bytes_by_kind(connection), usage.bytes_of_database(database, connection)
        of_datasets = usage.bytes_of_datasets(connection, settings.data)
    taken = Taken(
        **stored,
        datasets=of_datasets,
        database=of_database,
        packages=usage.bytes_of(settings.packages_folder),
        rest=usage.bytes_of_rest(settings.data),
    )
    return Storage(
        bytes=taken,
        total=sum(taken.model_dump().values()),
        free=usage.free_bytes(settings.data),
        jobs=_groups(jobs),
        largest=largest,
        keep=Keep(days=settings.keep_days, jobs=settings.keep_jobs, gb=settings.keep_gb),
    )


def _groups(jobs: Sequence[Kept]) -> Groups:
    found: dict[str, list[Kept]] = {name: [] for name in Groups.model_fields}
    for job in jobs:
        found[_group_of(job)].append(job)
    return Groups(**{name: Group(jobs=len(some), bytes=sum(job.bytes for job in some)) for name, some in found.items()})


def _group_of(job: Kept) -> str:
    if job.may_go:
        return "may_go"
    return "retained" if job.retain and job.status in TERMINAL else "going_on"


def _named(connection: Connection, jobs: Sequence[Kept]) -> tuple[LargeJob, ...]:
    column = tables.jobs.c
    query = select(column.id, column.name).where(column.id.in_([job.id for job in jobs]))
    names = {row.id: row.name for row in connection.execute(query)}
    return tuple(
        LargeJob(id=job.id, name=names[job.id], status=job.status, retain=job.retain, bytes=job.bytes) for job in jobs
    )
