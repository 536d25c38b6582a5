"""Joins small chunks to larger ones of the same format: a long run is read from few files, whatever wrote it."""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError

from jobs.errors import AttemptLost
from jobs.failpoints import reach
from jobs.lifecycle.attempts import Hold, held
from jobs.lifecycle.checkpoints import of
from jobs.series.format.manifest import Chunk, insert_chunk, read_manifest
from jobs.series.format.schema import statistics, to_arrow
from jobs.series.read.reader import View
from jobs.storage import keys, tables
from jobs.storage.database import Database, is_away
from jobs.storage.objects.protocol import Objects

FEWEST = 8  # chunks that are worth joining while a run goes on
LARGEST = 16_000_000  # bytes of a joined chunk: large enough to read fast, small enough to hold twice
AT_ONCE = 1000  # objects of a job that are deleted in one go


def join(database: Database, objects: Objects, hold: Hold, *, ended: bool) -> None:
    """Join what is worth it, in every table of a held job; once its run has `ended`, all that may be joined.

    Raises AttemptLost, and DamagedObject or OSError, after which everything is as it was.
    """
    with objects.reading(hold.job_id):
        series = View(read_manifest(database, hold.job_id), objects)
        steps = tuple(checkpoint.step for checkpoint in of(database, hold.job_id))
        for chunks in series.manifest.chunks.values():
            for group in groups(chunks, steps, ended=ended):
                _replace(database, series, hold, group)


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


def _replace(database: Database, series: View, hold: Hold, group: tuple[Chunk, ...]) -> None:
    table, first, last = group[0].table, group[0].first, group[-1].last
    rows = series.rows(table, series.manifest.names[table], first, last)
    key = keys.of_chunk(hold.job_id, hold.attempt, table, first, last)
    stored = series.objects.put(key, to_arrow(rows))
    reach("joined chunk written")
    column, old = tables.chunks.c, [chunk.stored.key for chunk in group]
    try:
        with database.write() as connection:
            held(connection, hold)
            connection.execute(delete(tables.chunks).where(column.job_id == hold.job_id, column.key.in_(old)))
            insert_chunk(connection, hold, Chunk(table, first, last, len(rows), stored), statistics(rows))
            connection.execute(insert(tables.retired), [{"key": each, "job_id": hold.job_id} for each in old])
    except (AttemptLost, DBAPIError) as error:
        if not is_away(error):  # else it may be part of the series by now; where it is not, the next attempt sweeps it
            series.objects.delete(key)
        raise
    reach("joined")
