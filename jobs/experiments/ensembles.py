"""An experiment's networks evaluated together: their class probabilities averaged (Ioffe and Szegedy 2015, 4.2.3)."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.catalogue import Dataset
from jobs.datasets.uploaded import arrays_of
from jobs.errors import DamagedObject, InvalidQuery, NotAllowed
from jobs.experiments.clients import Experiment
from jobs.experiments.estimates import Estimate
from jobs.experiments.question import HELD_OUT
from jobs.experiments.statistics.images import error_by_images
from jobs.experiments.statistics.interval import LEVEL, Z_975
from jobs.lifecycle import artifacts, scores
from jobs.lifecycle.scores import Score
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects, Stored

REMEMBERED = 10  # datasets whose labels a process keeps


class NotFinite(NotAllowed):
    """The probabilities of a network that diverged: their mean with others says nothing of those."""


@dataclass(frozen=True)
class Single:
    """One member, its accuracy by itself and, where it held a part of its data out, on that part at the end."""

    id: str
    variant: str
    seed: int
    accuracy: float
    validation: float | None


@dataclass(frozen=True)
class Ensemble:
    """The accuracy of the averaged probabilities, each member's own, and what is gained over them.

    over_mean: over the mean of the members' accuracies. over_chosen: over that of the member which the validation part
    likes best, `chosen`, by its id; None where not every member has held data out. The best on the test set itself
    would be too good: chosen by the numbers that it is then compared by. Intervals are over the test examples: of one
    ensemble there is only one.
    """

    accuracy: float
    members: tuple[Single, ...]
    over_mean: Estimate[float]
    over_chosen: Estimate[float] | None
    chosen: str | None
    damaged: dict[str, str]
    """By id, the jobs whose probabilities cannot be read or are not finite, and why: they are no members."""


def ensemble(
    database: Database, objects: Objects, data_folder: Path, experiment: Experiment, variants: Sequence[str]
) -> Ensemble:
    """All members that have kept their probabilities, or those of the named variants.

    Raises InvalidQuery for a variant that does not exist, NotAllowed where there is nothing to average or where members
    were tested on different data; DatasetUnavailable, and DamagedObject where no member's can be read.
    """
    for variant in variants:
        if variant not in experiment.spec.variants:
            known = ", ".join(experiment.spec.variants)
            raise InvalidQuery("variant", f"'{variant}' is no variant of this experiment; there is: {known}")
    kept = artifacts.of_kind(database, "probabilities", [job.id for _, job in experiment.jobs])
    chosen = [(m, job) for m, job in experiment.jobs if job.id in kept and (not variants or m.variant in variants)]
    if not chosen:
        raise NotAllowed("none of these jobs has kept its probabilities: it takes evaluation.probabilities, and an end")
    datasets = {job.resolved.dataset.name: job.resolved.dataset for _, job in chosen}
    if len(datasets) > 1:
        raise NotAllowed(f"members of one ensemble know the same classes; these are of {', '.join(sorted(datasets))}")
    labels = _test_labels(*datasets.values(), data_folder, objects)
    with database.read() as connection:
        reached = scores.of_jobs(connection, [job.id for _, job in chosen])
    found = _evaluated({job.id: kept[job.id] for _, job in chosen}, objects, labels)
    singles = [
        Single(job.id, member.variant, member.seed, float(found.right[job.id].mean()), _held_out(reached.get(job.id)))
        for member, job in chosen
        if job.id in found.right
    ]
    best = _best_by_validation(singles)
    return Ensemble(
        accuracy=float(found.together.mean()),
        members=tuple(singles),
        over_mean=_gain(found.together, [*found.right.values()]),
        over_chosen=None if best is None else _gain(found.together, [found.right[singles[best].id]]),
        chosen=None if best is None else singles[best].id,
        damaged=found.damaged,
    )


@dataclass(frozen=True, eq=False)
class _Evaluated:
    """Which test examples are right: by the averaged probabilities, and by the id of each job that can be read."""

    together: NDArray[np.bool_]
    right: dict[str, NDArray[np.bool_]]
    damaged: dict[str, str]


def _evaluated(kept: Mapping[str, Stored], objects: Objects, labels: NDArray[np.int64]) -> _Evaluated:
    """Raises the first error where no job can be read. One array of probabilities is in memory at a time."""
    total: NDArray[np.float64] = np.zeros(())
    right: dict[str, NDArray[np.bool_]] = {}
    damaged: dict[str, DamagedObject | NotFinite] = {}
    for job_id, stored in kept.items():
        try:
            probabilities = _read(objects, stored)
        except (DamagedObject, NotFinite) as error:
            damaged[job_id] = error
            continue
        total = total + probabilities
        right[job_id] = probabilities.argmax(1) == labels
    if not right:
        raise next(iter(damaged.values()))
    return _Evaluated(total.argmax(1) == labels, right, {job_id: str(error) for job_id, error in damaged.items()})


def _held_out(reached: Mapping[str, Score] | None) -> float | None:
    return reached[HELD_OUT].last if reached and HELD_OUT in reached else None


def _best_by_validation(members: Sequence[Single]) -> int | None:
    """Which of them it is, the first one of several; None where one of them does not say."""
    held_out = [each.validation for each in members if each.validation is not None]
    return held_out.index(max(held_out)) if len(held_out) == len(members) else None


@lru_cache(maxsize=REMEMBERED)
def _test_labels(dataset: Dataset, data_folder: Path, objects: Objects) -> NDArray[np.int64]:
    """They never change: every byte of a dataset is known beforehand. Raises DatasetUnavailable."""
    return arrays_of(dataset, data_folder, objects).test_labels.copy()  # a view would keep the images


def _gain(together: NDArray[np.bool_], alone: Sequence[NDArray[np.bool_]]) -> Estimate[float]:
    """Over the mean of these networks, of each of which it is known whether it is right: [examples]."""
    mean = float((together - np.mean(alone, axis=0)).mean())
    half = Z_975 * error_by_images(together[None], np.stack(alone))  # of thousands of examples, Student's t is this
    return Estimate(mean, mean - half, mean + half, LEVEL, len(together), "normal")


def _read(objects: Objects, stored: Stored) -> NDArray[np.float32]:
    found: NDArray[np.float32] = np.load(io.BytesIO(objects.read(stored)), allow_pickle=False)
    if not np.isfinite(found).all():
        raise NotFinite("its probabilities are not finite: the training diverged")
    return found
