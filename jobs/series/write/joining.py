"""Joins small chunks to larger ones of the same format: a long run is read from few files, whatever wrote it."""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError

from jobs.errors import AttemptLost
from jobs.failpoints import reach
from jobs.lifecycle.attempts import held_row
from jobs.lifecycle.checkpoints import of
from jobs.lifecycle.held import Held
from jobs.series.format.manifest import Chunk, insert_chunk, read_manifest
from jobs.series.format.schema import Rows, concatenate, from_arrow, statistics, to_arrow
from jobs.storage import keys, tables
from jobs.storage.database import Database, is_away
from jobs.storage.objects.protocol import Objects

FEWEST = 8  # chunks that are worth joining while a run goes on
LARGEST = 16_000_000  # bytes of a joined chunk: large enough to read fast, small enough to hold twice
AT_ONCE = 1000  # objects of a job that are deleted in one go


def join(held: Held, *, ended: bool) -> None:
    """Join what is worth it, in every table of a held job; once its run has `ended`, all that may be joined.

    Raises AttemptLost, and DamagedObject or OSError, after which everything is as it was.
    """
    job_id = held.hold.job_id
    with held.objects.reading(job_id):
        manifest = read_manifest(held.database, job_id)
        steps = tuple(checkpoint.step for checkpoint in of(held.database, job_id))
        for table, chunks in manifest.chunks.items():
            for group in groups(chunks, steps, ended=ended):
                _replace(held, group, manifest.names[table])


def groups(chunks: Sequence[Chunk], checkpoints: Sequence[int], *, ended: bool) -> tuple[tuple[Chunk, ...], ...]:
    """Which neighbours become one chunk: none across a checkpoint, after whose step all of a chunk may have to go.

    While a run goes on a chunk is taken in only with as much behind it as it has itself: so each row is written anew
    once for each doubling of the run, and a run of n commits has some log n chunks more than FEWEST.
    """
    found: list[tuple[Chunk, ...]] = []
    for stretch in _between(chunks, checkpoints):
        group: list[Chunk] = []
        size = 0
        for chunk in reversed(stretch):
            is_worth_it = ended or chunk.bytes <= size
            if group and not (is_worth_it and size + chunk.bytes <= LARGEST):
                found.append(tuple(reversed(group)))
                group, size = [], 0
            group.append(chunk)
            size += chunk.bytes
        found.append(tuple(reversed(group)))
    fewest = 2 if ended else FEWEST
    return tuple(group for group in found if len(group) >= fewest)


def delete_retired(database: Database, objects: Objects) -> None:
    """Delete the objects that joining has replaced, of every job that nobody reads now; the others have to wait."""
    column = tables.retired.c
    with database.read() as connection:
        job_ids = connection.scalars(select(column.job_id).distinct()).all()
    for job_id in job_ids:
        with objects.nobody_reads(job_id) as free:
            if not free:
                continue
            with database.read() as connection:
                some = connection.scalars(select(column.key).where(column.job_id == job_id).limit(AT_ONCE)).all()
            for key in some:
                objects.delete(key)
            reach("retired deleted")
            with database.write() as connection:
                connection.execute(delete(tables.retired).where(column.key.in_(some)))


def _between(chunks: Sequence[Chunk], checkpoints: Sequence[int]) -> list[list[Chunk]]:
    """The chunks, cut into those between one checkpoint and the next."""
    return [list(stretch) for _, stretch in groupby(chunks, lambda chunk: sum(at < chunk.first for at in checkpoints))]


def _replace(held: Held, group: tuple[Chunk, ...], names: Sequence[str]) -> None:
    """Put one chunk in the place of those of a group, which have the series of these names."""
    hold, table, first, last = held.hold, group[0].table, group[0].first, group[-1].last
    rows = concatenate([_rows(held.objects, chunk, names) for chunk in group])
    key = keys.of_chunk(hold.job_id, hold.attempt, table, first, last)
    stored = held.objects.put(key, to_arrow(rows))
    reach("joined chunk written")
    column, old = tables.chunks.c, [chunk.stored.key for chunk in group]
    try:
        with held.database.write() as connection:
            held_row(connection, hold)
            connection.execute(delete(tables.chunks).where(column.job_id == hold.job_id, column.key.in_(old)))
            insert_chunk(connection, hold, Chunk(table, first, last, len(rows), stored), statistics(rows))
            connection.execute(insert(tables.retired), [{"key": each, "job_id": hold.job_id} for each in old])
    except (AttemptLost, DBAPIError) as error:
        if not is_away(error):  # else it may be part of the series by now; where it is not, the next attempt sweeps it
            held.objects.delete(key)
        raise
    reach("joined")


def _rows(objects: Objects, chunk: Chunk, names: Sequence[str]) -> Rows:
    """A chunk's rows, copied: a view keeps its file open, and a group may have more than a process may have open."""
    columns = from_arrow(objects.read(chunk.stored), ("step", "time", *names))
    copies = {name: column.copy() for name, column in columns.items()}
    return Rows(copies.pop("step"), copies.pop("time"), copies)
