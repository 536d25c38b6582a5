"""The test curves of many jobs at once, each chunk read and checked once in a process's life."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from jobs import tables
from jobs.database import Database
from jobs.objects import Objects, Stored
from jobs.series.readers import reading
from jobs.series.schema import TEST, from_arrow, no_values

NAMES = ("step", "loss", "accuracy")


@dataclass(frozen=True, eq=False)
class Curve:
    """A job on the test set: steps [n], and float32 [n] of each."""

    step: NDArray[np.int64]
    loss: NDArray[np.float32]
    accuracy: NDArray[np.float32]


def test_curves(database: Database, objects: Objects, job_ids: Iterable[str]) -> dict[str, Curve]:
    """Of each job all its evaluations so far, none where it has none. Raises DamagedObject."""
    column = tables.chunks.c
    query = select(column.job_id, column.key, column.bytes, column.sha256).where(column.table == TEST)
    parts: dict[str, list[Curve]] = {job_id: [] for job_id in job_ids}
    query = query.where(column.job_id.in_(parts)).order_by(column.job_id, column.first)
    with ExitStack() as readers:
        for job_id in parts:
            readers.enter_context(reading(objects, job_id))
        with database.read() as connection:
            chunks = connection.execute(query).all()
        for job_id, *stored in chunks:
            parts[job_id].append(_read(objects, Stored(*stored)))
    return {job_id: _joined(curves) for job_id, curves in parts.items()}


@lru_cache(maxsize=20_000)
def _read(objects: Objects, stored: Stored) -> Curve:
    # Copied: a view would keep its file open. What a key names never changes.
    return Curve(**{name: values.copy() for name, values in from_arrow(objects.read(stored), NAMES).items()})


def _joined(curves: list[Curve]) -> Curve:
    parts = [{name: no_values(name) for name in NAMES}, *map(vars, curves)]
    return Curve(**{name: np.concatenate([part[name] for part in parts]) for name in NAMES})
