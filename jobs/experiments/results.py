"""What an experiment has found: its trainings aggregated by variant and grid point. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from jobs.experiments.curves import Curve
from jobs.experiments.document import ExperimentSpec, GroupKey
from jobs.experiments.estimates import Estimate, of_numbers, of_share, of_steps
from jobs.experiments.planned import PlannedGroup, planned
from jobs.experiments.seeds import DIVERGED, Measured, Result, Seed, Trained, has_learned
from jobs.experiments.statistics.interval import Bounds, known
from jobs.lifecycle.job import Status


@dataclass(frozen=True, eq=False)
class Band:
    """The seeds' median at each step, the least and the greatest of them, and how many have a finite value there.

    float32 [steps], NaN where none has; n: int [steps].
    """

    median: NDArray[np.float32]
    least: NDArray[np.float32]
    greatest: NDArray[np.float32]
    n: NDArray[np.intp]


@dataclass(frozen=True)
class StepsTo:
    """How long it takes to a test accuracy: the median over the seeds, those that never arrive among them.

    target: as the document has it; accuracy: which one that is here. `arrived` of `ended` seeds are there at their last
    evaluation, and stay there from the step that counts on.
    """

    target: float | str
    accuracy: float | None
    arrived: int
    ended: int
    steps: Estimate[Bounds] | None


@dataclass(frozen=True)
class Learned:
    """How many seeds have learned, which is to say that their final accuracy is at least `bar`, and which share."""

    bar: float
    k: int
    n: int
    share: Estimate[float] | None


@dataclass(frozen=True)
class Group:
    """The seeds of one variant at one grid point: estimates are of those that succeeded or diverged, and can be read.

    `deleted` counts the jobs that are not there any more. `damaged` are those whose series cannot be read: they count
    by how they ended, and nothing that was measured is of them but chance, where they diverged. `step` has every
    `every`-th step at which a seed was evaluated, and the last one; all of them where that is 1.
    """

    variant: str
    point: dict[str, JsonValue]
    jobs: tuple[str, ...]
    deleted: int
    succeeded: int
    diverged: tuple[str, ...]
    failed: tuple[str, ...]
    cancelled: tuple[str, ...]
    damaged: tuple[str, ...]
    seeds: tuple[Seed, ...]
    step: NDArray[np.int64]
    every: int
    accuracy: Band
    loss: Band
    final_accuracy: Estimate[float] | None
    final_loss: Estimate[float] | None
    best_accuracy: Estimate[float] | None
    area_above: Estimate[float] | None
    steps_to: tuple[StepsTo, ...]
    learned: Learned | None


@dataclass(frozen=True, eq=False)
class _Bands:
    """Of the seeds of a group, at every `every`-th step at which one was evaluated."""

    step: NDArray[np.int64]
    every: int
    accuracy: Band
    loss: Band


def groups(spec: ExperimentSpec, results: Iterable[Result], trained: Trained, points: int) -> tuple[Group, ...]:
    """Every variant at every grid point, in the order of the document, its bands at no more than `points` steps.

    points: at least 2, the first step and the last one.
    """
    found: dict[GroupKey, list[Result]] = defaultdict(list)
    for result in results:
        found[result.member.variant, result.member.at].append(result)
    return tuple(
        _group(spec, group, found[key], trained.seeds.get(key, ()), trained.targets.get(key[1], ()), points)
        for key, group in planned(spec).items()
    )


def thinned(steps: NDArray[np.int64], points: int) -> tuple[NDArray[np.int64], int]:
    """Every k-th step and the last one, for the least k that gives no more than `points` of them; and k.

    >>> thinned(np.arange(0, 100, 10), 4)
    (array([ 0, 30, 60, 90]), 3)
    >>> thinned(np.arange(0, 90, 10), 4)
    (array([ 0, 30, 60, 80]), 3)
    """
    every = max(1, -(-(len(steps) - 1) // (points - 1)))
    return np.union1d(steps[::every], steps[-1:]), every


def _group(
    spec: ExperimentSpec,
    group: PlannedGroup,
    results: Sequence[Result],
    seeds: tuple[Seed, ...],
    targets: Sequence[float | None],
    points: int,
) -> Group:
    bands = _bands(tuple(result.curve for result in results if result.curve is not None), points)
    measured = [each.measured for each in seeds if each.measured is not None]
    return Group(
        variant=group.variant,
        point=group.point,
        jobs=tuple(result.job.id for result in results),
        deleted=group.jobs - len(results),
        succeeded=len(_ending(seeds, Status.SUCCEEDED)),
        diverged=_ending(seeds, DIVERGED),
        failed=_ending(seeds, Status.FAILED),
        cancelled=_ending(seeds, Status.CANCELLED),
        damaged=tuple(result.job.id for result in results if result.curve is None),
        seeds=seeds,
        step=bands.step,
        every=bands.every,
        accuracy=bands.accuracy,
        loss=bands.loss,
        final_accuracy=of_numbers(known([each.final_accuracy for each in measured])),
        final_loss=of_numbers(known([each.final_loss for each in measured])),
        best_accuracy=of_numbers(known([each.best_accuracy for each in measured])),
        area_above=of_numbers(known([each.area_above for each in measured])),
        steps_to=tuple(
            _steps_to(seeds, i, target, targets[i] if targets else None) for i, target in enumerate(spec.targets)
        ),
        learned=None if spec.learned is None else _learned(measured, spec.learned),
    )


def _ending(seeds: Sequence[Seed], outcome: str) -> tuple[str, ...]:
    return tuple(each.job for each in seeds if each.outcome == outcome)


def _steps_to(seeds: Sequence[Seed], i: int, target: float | str, accuracy: float | None) -> StepsTo:
    steps = [to for each in seeds if each.measured is not None and (to := each.measured.steps_to[i]) is not None]
    arrived = sum(each.high < np.inf for each in steps)
    return StepsTo(target, accuracy, arrived, len(steps), of_steps(steps))


def _learned(measured: Sequence[Measured], bar: float) -> Learned:
    k = sum(has_learned(each, bar) for each in measured)
    return Learned(bar, k, len(measured), of_share(k, len(measured)))


@lru_cache(maxsize=1000)  # curves are known by identity, and those of jobs that have ended are kept
def _bands(curves: tuple[Curve, ...], points: int) -> _Bands:
    evaluated = np.unique(np.concatenate([np.empty(0, np.int64), *(curve.step for curve in curves)]))
    step, every = thinned(evaluated, points)
    accuracy = _band(step, [(curve.step, curve.accuracy) for curve in curves])
    return _Bands(step, every, accuracy, _band(step, [(curve.step, curve.loss) for curve in curves]))


def _band(steps: NDArray[np.int64], curves: Sequence[tuple[NDArray[np.int64], NDArray[np.float32]]]) -> Band:
    """Over the jobs that have a finite value there."""
    x = np.full((len(curves), len(steps)), np.nan, np.float32)
    for row, (step, values) in zip(x, curves, strict=True):
        _, here, there = np.intersect1d(steps, step, assume_unique=True, return_indices=True)
        row[here] = values[there]
    x[~np.isfinite(x)] = np.nan
    n = np.isfinite(x).sum(0)
    ordered = np.sort(np.concatenate([x, np.full((1, len(steps)), np.nan, np.float32)]), 0)  # NaN goes last
    column = np.arange(len(steps))
    middle = (ordered[np.maximum(n - 1, 0) // 2, column] + ordered[n // 2, column]) / 2
    return Band(np.where(n, middle, np.nan).astype(np.float32), ordered[0], ordered[np.maximum(n - 1, 0), column], n)
