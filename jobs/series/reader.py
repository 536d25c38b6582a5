"""Reads columns of a table back from its chunks, each checked before a single value of it is used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from jobs.database import Database
from jobs.errors import DamagedObject
from jobs.objects import Objects, Stored
from jobs.series.manifest import Manifest, read_manifest
from jobs.series.schema import Rows, between, concatenate, cut, from_arrow, no_rows

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Series:
    """A job's series as it stood at one moment: what the manifest names, and where those objects are."""

    manifest: Manifest
    objects: Objects
    _checked: set[str] = field(default_factory=set)  # the objects whose checksum this value has seen to be right

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
            rows = cut(between(from_arrow(self._checked_bytes(chunk.stored), names), start, stop), slice(room))
            # Copied, for a view keeps its file open, and a long job has more chunks than a process may open files.
            parts.append(concatenate([rows]))
            room = None if room is None else room - len(rows)
        if len(parts) == 1:
            return parts[0]
        return concatenate(parts or [no_rows(names)])

    def _checked_bytes(self, stored: Stored) -> memoryview:
        if stored.key in self._checked:
            return self.objects.view(stored)
        view = self.objects.read(stored)
        self._checked.add(stored.key)
        return view


def answer_from(database: Database, objects: Objects, job_id: str, answer: Callable[[Series], Answer]) -> Answer:
    """What `answer` makes of the job's series.

    Where objects are gone because the manifest that named them was replaced meanwhile, the new one is answered from.
    Raises NotFound, and DamagedObject where the manifest still names what is damaged.
    """
    manifest = read_manifest(database, job_id)
    while True:
        try:
            return answer(Series(manifest, objects))
        except DamagedObject:
            before, manifest = manifest, read_manifest(database, job_id)
            if before.keys <= manifest.keys:
                raise
