"""Reads columns of a table back from its chunks, each checked before a single value of it is used."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from jobs.database import Database
from jobs.errors import DamagedObject
from jobs.objects import Objects
from jobs.series.manifest import Manifest, read_manifest
from jobs.series.readers import reading
from jobs.series.schema import Rows, between, concatenate, cut, from_arrow, no_rows

Answer = TypeVar("Answer")
Piece = TypeVar("Piece")


@dataclass(frozen=True)
class Series:
    """A job's series as it stood at one moment: what the manifest names, and where those objects are."""

    manifest: Manifest
    objects: Objects

    def rows(self, table: str, names: Sequence[str], start: int, stop: int, limit: int | None = None) -> Rows:
        """The rows with start <= step <= stop, at most the first `limit` of them, with the named columns alone.

        Only chunks that the range touches are opened; where one ends and the next begins does not show.
        Raises DamagedObject.
        """
        parts: list[Rows] = []
        room = limit
        for chunk in self.manifest.chunks[table]:
            if chunk.last < start or chunk.first > stop or room == 0:
                continue
            rows = cut(between(from_arrow(self.objects.read(chunk.stored), names), start, stop), slice(room))
            # Copied, for a view keeps its file open, and a long job has more chunks than a process may open files.
            parts.append(concatenate([rows]))
            room = None if room is None else room - len(rows)
        if len(parts) == 1:
            return parts[0]
        return concatenate(parts or [no_rows(names)])


def answer_from(database: Database, objects: Objects, job_id: str, answer: Callable[[Series], Answer]) -> Answer:
    """What `answer` makes of the job's series, all at once.

    Where objects are gone because a new attempt goes on from before them, the manifest is read again.
    Raises NotFound, and DamagedObject where the manifest still names what is damaged.
    """
    with reading(objects, job_id):
        return _answer(database, objects, job_id, answer)


def stream_from(
    database: Database, objects: Objects, job_id: str, answer: Callable[[Series], Iterator[Piece]]
) -> Iterator[Piece]:
    """The same piece by piece. What is wrong with the first is raised at once, damage further on where it is met."""

    def pieces() -> Iterator[Piece]:
        with reading(objects, job_id):
            yield from _answer(database, objects, job_id, answer)

    found = pieces()
    return chain([next(found)], found)


def _answer(database: Database, objects: Objects, job_id: str, answer: Callable[[Series], Answer]) -> Answer:
    manifest = read_manifest(database, job_id)
    while True:
        try:
            return answer(Series(manifest, objects))
        except DamagedObject:
            before, manifest = manifest, read_manifest(database, job_id)
            if before.keys <= manifest.keys:
                raise
