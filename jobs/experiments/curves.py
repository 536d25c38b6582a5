"""The test curves of many jobs at once; one that has not grown is not read again."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from jobs.errors import DamagedObject
from jobs.lifecycle.job import Job
from jobs.series.format.manifest import Chunk
from jobs.series.format.schema import TEST
from jobs.series.read.reader import Series, answers_from, read_columns
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects


@dataclass(frozen=True, eq=False)
class Curve:
    """A job on the test set: steps [n], and float32 [n] of each."""

    step: NDArray[np.int64]
    loss: NDArray[np.float32]
    accuracy: NDArray[np.float32]


def test_curves(database: Database, objects: Objects, jobs: Iterable[Job]) -> dict[str, Curve | DamagedObject]:
    """Of each job that is there all its evaluations so far, or why they cannot be read."""
    asked = [Series(job, database, objects) for job in jobs]
    return answers_from(database, asked, TEST, lambda view: _curve(view.objects, view.manifest.chunks[TEST]))


@lru_cache(maxsize=2000)
def _curve(objects: Objects, chunks: tuple[Chunk, ...]) -> Curve:
    return Curve(**read_columns(objects, chunks, ("step", "loss", "accuracy")))
