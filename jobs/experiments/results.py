"""What an experiment has found: its jobs' test curves aggregated by variant and grid point. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from jobs.errors import NonFiniteLoss
from jobs.experiments.curves import Curve
from jobs.experiments.document import ExperimentSpec, Member
from jobs.experiments.intervals import Estimate, estimate, estimates, ratio
from jobs.experiments.planned import PlannedGroup, planned
from jobs.lifecycle.job import TERMINAL, Job, Status


@dataclass(frozen=True)
class Result:
    """A job of an experiment: what sets it apart, where it stands, and its test curve so far.

    The curve is None where what is stored of it is damaged.
    """

    member: Member
    job: Job
    curve: Curve | None


@dataclass(frozen=True)
class Band:
    """A mean over seeds at each step, with its interval; `n` seeds have a finite value there."""

    mean: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    n: tuple[int, ...]


@dataclass(frozen=True)
class StepsTo:
    """How long it takes to a test accuracy: the steps of the seeds that reached it.

    They are of those that have ended and can be read, whose number is `ended`.
    """

    target: float
    reached: int
    ended: int
    steps: Estimate | None


@dataclass(frozen=True)
class Group:
    """The seeds of one variant at one grid point. `final` and `best` are of the jobs that succeeded.

    `deleted` counts the jobs that are not there any more. `damaged` are those whose series cannot be read: they count
    by how they ended, but nothing that was measured is of them. `step` has every `every`-th step at which a seed was
    evaluated, and the last one; all of them where that is 1.
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
    step: tuple[int, ...]
    every: int
    accuracy: Band
    loss: Band
    final_accuracy: Estimate | None
    final_loss: Estimate | None
    best_accuracy: Estimate | None
    steps_to: tuple[StepsTo, ...]


@dataclass(frozen=True)
class Speedup:
    """How many times the steps of `variant` the variant `over` takes to a target, of the seeds that both reached it."""

    variant: str
    over: str
    point: dict[str, JsonValue]
    target: float
    ratio: Estimate | None


def groups(spec: ExperimentSpec, outcomes: Iterable[Result], points: int) -> tuple[Group, ...]:
    """Every variant at every grid point, in the order of the document, its bands at no more than `points` steps.

    points: at least 2, the first step and the last one.
    """
    found: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for outcome in outcomes:
        found[outcome.member.variant, outcome.member.at].append(outcome)
    return tuple(_group(group, found[key], spec.targets, points) for key, group in planned(spec).items())


def speedups(spec: ExperimentSpec, outcomes: Iterable[Result]) -> tuple[Speedup, ...]:
    """Of every variant against the first one, at each grid point and target."""
    reached: dict[tuple[str, str, float], dict[int, int]] = defaultdict(dict)
    for outcome in outcomes:
        member, at = outcome.member, outcome.member.at
        for target in spec.targets:
            steps = None if outcome.curve is None else steps_to(outcome.curve, target)
            if steps is not None:
                reached[member.variant, at, target][member.seed] = steps
    first, *others = spec.variants
    points = {at: group.point for (variant, at), group in planned(spec).items() if variant == first}
    return tuple(
        Speedup(variant, first, point, target, _ratio(reached[first, at, target], reached[variant, at, target]))
        for at, point in points.items()
        for variant in others
        for target in spec.targets
    )


def steps_to(curve: Curve, target: float) -> int | None:
    """The first evaluated step with at least this test accuracy, or None."""
    reached = np.flatnonzero(curve.accuracy >= np.float32(target))
    return int(curve.step[reached[0]]) if len(reached) else None


def thinned(steps: NDArray[np.int64], points: int) -> tuple[NDArray[np.int64], int]:
    """Every k-th step and the last one, for the least k that gives no more than `points` of them; and k.

    >>> thinned(np.arange(0, 100, 10), 4)
    (array([ 0, 30, 60, 90]), 3)
    >>> thinned(np.arange(0, 90, 10), 4)
    (array([ 0, 30, 60, 80]), 3)
    """
    every = max(1, -(-(len(steps) - 1) // (points - 1)))
    return np.union1d(steps[::every], steps[-1:]), every


def _ratio(slow: dict[int, int], fast: dict[int, int]) -> Estimate | None:
    both = sorted(slow.keys() & fast.keys())
    return ratio([slow[seed] for seed in both], [fast[seed] for seed in both])


def _group(group: PlannedGroup, outcomes: Sequence[Result], targets: Sequence[float], points: int) -> Group:
    jobs = [outcome.job for outcome in outcomes]
    failed = [job for job in jobs if job.status is Status.FAILED]
    diverged = [job.id for job in failed if job.error is not None and job.error.code == NonFiniteLoss.code]
    read = [(outcome.job.status, outcome.curve) for outcome in outcomes if outcome.curve is not None]
    done = [curve for status, curve in read if status is Status.SUCCEEDED]
    ended = [curve for status, curve in read if status in TERMINAL]
    curves = [curve for _, curve in read]
    evaluated = np.unique(np.concatenate([np.empty(0, np.int64), *(curve.step for curve in curves)]))
    steps, every = thinned(evaluated, points)
    return Group(
        variant=group.variant,
        point=group.point,
        jobs=tuple(job.id for job in jobs),
        deleted=group.jobs - len(jobs),
        succeeded=sum(job.status is Status.SUCCEEDED for job in jobs),
        diverged=tuple(diverged),
        failed=tuple(job.id for job in failed if job.id not in diverged),
        cancelled=tuple(job.id for job in jobs if job.status is Status.CANCELLED),
        damaged=tuple(outcome.job.id for outcome in outcomes if outcome.curve is None),
        step=tuple(steps.tolist()),
        every=every,
        accuracy=_band(steps, [(curve.step, curve.accuracy) for curve in curves]),
        loss=_band(steps, [(curve.step, curve.loss) for curve in curves]),
        final_accuracy=estimate([float(curve.accuracy[-1]) for curve in done]),
        final_loss=estimate([float(curve.loss[-1]) for curve in done]),
        best_accuracy=estimate([float(curve.accuracy.max()) for curve in done]),
        steps_to=tuple(_steps_to(ended, target) for target in targets),
    )


def _steps_to(curves: Sequence[Curve], target: float) -> StepsTo:
    reached = [steps for curve in curves if (steps := steps_to(curve, target)) is not None]
    return StepsTo(target, len(reached), len(curves), estimate(reached))


def _band(steps: NDArray[np.int64], curves: Sequence[tuple[NDArray[np.int64], NDArray[np.float32]]]) -> Band:
    """Over the jobs that have a finite value there; there is no mean at a step at which none has one."""
    x = np.full((len(curves), len(steps)), np.nan)
    for row, (step, values) in zip(x, curves, strict=True):
        _, here, there = np.intersect1d(steps, step, assume_unique=True, return_indices=True)
        row[here] = values[there]
    mean, half, n = estimates(x)
    return Band(_numbers(mean), _numbers(mean - half), _numbers(mean + half), tuple(n.tolist()))


def _numbers(x: NDArray[np.float64]) -> tuple[float | None, ...]:
    return tuple(None if each != each else each for each in x.tolist())
