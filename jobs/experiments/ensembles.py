"""An experiment's networks evaluated together: their class probabilities averaged (Ioffe and Szegedy 2015, 4.2.3)."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from jobs import tables
from jobs.database import Database
from jobs.datasets.loading import load
from jobs.errors import InvalidQuery, NotAllowed
from jobs.experiments.statistics import Estimate
from jobs.experiments.store import Experiment
from jobs.objects import Objects, Stored

NORMAL_975 = 1.959964  # of thousands of examples, Student's t is this


@dataclass(frozen=True)
class Single:
    """One member, and its accuracy by itself."""

    id: str
    variant: str
    seed: int
    accuracy: float


@dataclass(frozen=True)
class Ensemble:
    """The accuracy of the averaged probabilities, each member's own, and what is gained over the best of them.

    The interval of `gain` is over the test examples: of one ensemble there is only one.
    """

    accuracy: float
    members: tuple[Single, ...]
    gain: Estimate


def ensemble(
    database: Database, objects: Objects, data_folder: Path, experiment: Experiment, variants: Sequence[str]
) -> Ensemble:
    """All members that have kept their probabilities, or those of the named variants.

    Raises InvalidQuery for a variant that does not exist, NotAllowed where there is nothing to average or where members
    were tested on different data; DatasetUnavailable, DamagedObject.
    """
    for variant in variants:
        if variant not in experiment.spec.variants:
            known = ", ".join(experiment.spec.variants)
            raise InvalidQuery("variant", f"'{variant}' is no variant of this experiment; there is: {known}")
    kept = _kept(database, [job.id for _, job in experiment.jobs])
    chosen = [(m, job) for m, job in experiment.jobs if job.id in kept and (not variants or m.variant in variants)]
    if not chosen:
        raise NotAllowed("none of these jobs has kept its probabilities: it takes evaluation.probabilities, and an end")
    datasets = {str(job.spec["data"]["dataset"]) for _, job in chosen}
    if len(datasets) > 1:
        raise NotAllowed(f"members of one ensemble know the same classes; these are of {', '.join(sorted(datasets))}")
    labels = load(datasets.pop(), data_folder).test_labels
    probabilities = [_read(objects, kept[job.id]) for _, job in chosen]
    right = [each.argmax(1) == labels for each in probabilities]
    together = np.mean(probabilities, axis=0, dtype=np.float64).argmax(1) == labels
    best = max(right, key=lambda each: int(each.sum()))
    singles = tuple(
        Single(job.id, member.variant, member.seed, float(own.mean()))
        for (member, job), own in zip(chosen, right, strict=True)
    )
    return Ensemble(float(together.mean()), singles, _gain(together, best))


def _gain(together: NDArray[np.bool_], best: NDArray[np.bool_]) -> Estimate:
    difference = together.astype(np.float64) - best
    mean, n = float(difference.mean()), len(difference)
    half = NORMAL_975 * float(difference.std(ddof=1)) / n**0.5
    return Estimate(mean, mean - half, mean + half, n)


def _kept(database: Database, job_ids: Sequence[str]) -> dict[str, Stored]:
    column = tables.probabilities.c
    query = select(column.job_id, column.key, column.bytes, column.sha256).where(column.job_id.in_(job_ids))
    with database.read() as connection:
        return {job_id: Stored(*stored) for job_id, *stored in connection.execute(query).all()}


def _read(objects: Objects, stored: Stored) -> NDArray[np.float32]:
    found: NDArray[np.float32] = np.load(io.BytesIO(objects.read(stored)), allow_pickle=False)
    return found
