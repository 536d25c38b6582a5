"""Reads columns of a table back from its chunks, each checked before a single value of it is used."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from jobs.errors import DamagedObject, NotFound
from jobs.lifecycle.job import Job
from jobs.series.format.manifest import Chunk, Manifest, read_manifest, read_manifests
from jobs.series.format.schema import Rows, from_arrow, no_values
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects

Answer = TypeVar("Answer")
Piece = TypeVar("Piece")

OPEN_AT_ONCE = 32  # files, the most of a series
LOCKED_AT_ONCE = 50  # jobs, each by an open file


@dataclass(frozen=True)
class Series:
    """What a job records, and where that is kept."""

    job: Job
    database: Database
    objects: Objects


@dataclass(frozen=True)
class View:
    """A job's series as it stood at one moment: what the manifest names, and where those objects are."""

    manifest: Manifest
    objects: Objects

    def rows(self, table: str, names: Sequence[str], start: int, stop: int, limit: int | None = None) -> Rows:
        """The rows with start <= step <= stop, at most the first `limit` of them, with the named columns alone.

        Only chunks that the range touches are opened; where one ends and the next begins does not show.
        Raises DamagedObject.
        """
        chunks = self.manifest.chunks[table]
        found = read_columns(self.objects, chunks, ("step", "time", *names), start, stop, limit)
        return Rows(found.pop("step"), found.pop("time"), found)

    def columns(
        self, table: str, names: Sequence[str], start: int, stop: int, *, kept: bool = True
    ) -> dict[str, NDArray[Any]]:
        """The same of every row, without what was not named: `step` and `time` may be. `kept`: see `read_columns`."""
        return read_columns(self.objects, self.manifest.chunks[table], names, start, stop, kept=kept)


def read_columns(
    objects: Objects,
    chunks: Iterable[Chunk],
    names: Sequence[str],
    start: int = 0,
    stop: int = sys.maxsize,
    limit: int | None = None,
    *,
    kept: bool = True,
) -> dict[str, NDArray[Any]]:
    """The named columns of the rows of these chunks with start <= step <= stop, at most the first `limit` of them.

    kept: whether they are kept for longer than it takes to sum them up. Those that are not may be views of a chunk,
    whose file stays open as long. Raises DamagedObject.
    """
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in names}
    room, opened = limit, 0
    for chunk in chunks:
        if chunk.last < start or chunk.first > stop or room == 0:
            continue
        columns = _read_chunk(objects, chunk, names)
        first, end = _within(chunk, columns, start, stop)
        end = end if room is None else min(end, first + room)
        room = None if room is None else room - (end - first)
        for name in names:
            parts[name].append(columns[name][first:end])
        opened += 1
        if opened % OPEN_AT_ONCE == 0:  # a view keeps its file open
            parts = {name: [np.concatenate(views)] for name, views in parts.items()}
    return {name: _whole(views, kept=kept) if views else no_values(name) for name, views in parts.items()}


def _whole(views: Sequence[NDArray[Any]], *, kept: bool) -> NDArray[Any]:
    """The parts of a column as one: copied, unless there is one alone that is not kept."""
    return views[0] if len(views) == 1 and not kept else np.concatenate(views)


def _read_chunk(objects: Objects, chunk: Chunk, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Its named columns, and its steps unless its manifest row tells them: then it is not opened for them."""
    if not chunk.has_every_step:
        return from_arrow(objects.read(chunk.stored), list(dict.fromkeys(("step", *names))))
    known = {"step": np.arange(chunk.first, chunk.last + 1)} if "step" in names else {}
    unknown = [name for name in names if name not in known]
    return known | (from_arrow(objects.read(chunk.stored), unknown) if unknown else {})


def _within(chunk: Chunk, columns: Mapping[str, NDArray[Any]], start: int, stop: int) -> tuple[int, int]:
    """Where the rows with start <= step <= stop begin and end in what was read of a chunk that has one of them."""
    if chunk.has_every_step:
        return max(0, start - chunk.first), min(chunk.rows, stop - chunk.first + 1)
    step = columns["step"]
    return int(np.searchsorted(step, start)), int(np.searchsorted(step, stop, side="right"))


def answer_from(series: Series, answer: Callable[[View], Answer]) -> Answer:
    """What `answer` makes of the series as it stands, all at once.

    Where objects are gone because a new attempt goes on from before them, the manifest is read again.
    Raises NotFound, and DamagedObject where the manifest still names what is damaged.
    """
    with series.objects.reading(series.job.id):
        return _answer(series, read_manifest(series.database, series.job.id), answer)


def answers_from(
    database: Database, asked: Sequence[Series], table: str, answer: Callable[[View], Answer]
) -> dict[str, Answer | DamagedObject]:
    """The same by job of one table of these that are there: of one that is damaged, the error is its answer."""
    found: dict[str, Answer | DamagedObject] = {}
    for some in _batches(asked):
        with _locked(some):
            for job_id, manifest in read_manifests(database, some, [table]).items():
                found |= _answer_or_damage(some[job_id], manifest, answer)
    return found


def answers_of(
    asked: Sequence[Series], manifests: Mapping[str, Manifest], answer: Callable[[Series, View], Answer]
) -> dict[str, Answer | DamagedObject]:
    """The same of jobs whose manifests have been read already, by their ids, before their objects were locked.

    What was joined or done away with in between is missing once, and the manifest is read again as in `answer_from`.
    """
    found: dict[str, Answer | DamagedObject] = {}
    for some in _batches(asked):
        with _locked(some):
            for job_id, series in some.items():
                found |= _answer_or_damage(series, manifests[job_id], partial(answer, series))
    return found


def _batches(asked: Sequence[Series]) -> Iterator[dict[str, Series]]:
    """As many at a time as may be locked, by their jobs' ids."""
    for i in range(0, len(asked), LOCKED_AT_ONCE):
        yield {series.job.id: series for series in asked[i : i + LOCKED_AT_ONCE]}


@contextmanager
def _locked(some: Mapping[str, Series]) -> Iterator[None]:
    """Until the end of the `with`, the objects of these jobs stay."""
    with ExitStack() as readers:
        for job_id, series in some.items():
            readers.enter_context(series.objects.reading(job_id))
        yield


def _answer_or_damage(
    series: Series, manifest: Manifest, answer: Callable[[View], Answer]
) -> dict[str, Answer | DamagedObject]:
    """By the job's id; nothing where it was deleted meanwhile."""
    try:
        return {series.job.id: _answer(series, manifest, answer)}
    except DamagedObject as error:
        return {series.job.id: error}
    except NotFound:
        return {}


def stream_from(series: Series, answer: Callable[[View], Iterator[Piece]]) -> Iterator[Piece]:
    """The same piece by piece. What is wrong with the first is raised at once, damage further on where it is met."""

    def pieces() -> Iterator[Piece]:
        with series.objects.reading(series.job.id):
            yield from _answer(series, read_manifest(series.database, series.job.id), answer)

    found = pieces()
    return chain([next(found)], found)


def _answer(series: Series, manifest: Manifest, answer: Callable[[View], Answer]) -> Answer:
    while True:
        try:
            return answer(View(manifest, series.objects))
        except DamagedObject:
            before, manifest = manifest, read_manifest(series.database, series.job.id)
            if before.keys <= manifest.keys:
                raise
