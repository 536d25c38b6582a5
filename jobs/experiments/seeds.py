"""What each training of an experiment came to. One that diverged has come to the worst, and is never left out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf, isfinite, isinf
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jobs.errors import NonFiniteLoss
from jobs.experiments.curves import Curve
from jobs.experiments.document import ExperimentSpec, GroupKey, Member
from jobs.experiments.planned import grid_points
from jobs.experiments.question import BASELINE_BEST
from jobs.experiments.statistics.arrivals import NEVER, area_above, steps_to
from jobs.experiments.statistics.interval import Bounds
from jobs.experiments.tuning import chosen_jobs, settings, tuned_axes
from jobs.lifecycle.job import Job, Status

DIVERGED = "diverged"  # failed, of a loss that is not finite
NO_SCORES: Mapping[str, float] = MappingProxyType({})


class Course(NamedTuple):
    """Test accuracy by step."""

    step: NDArray[np.int64]
    accuracy: NDArray[np.float32]


@dataclass(frozen=True)
class Result:
    """A job of an experiment: what sets it apart, where it stands, and its test curve so far.

    The curve is None where what is stored of it is damaged.
    """

    member: Member
    job: Job
    curve: Curve | None


@dataclass(frozen=True)
class Measured:
    """The numbers of a training that succeeded, or of one that diverged: then chance, and infinite loss and steps."""

    final_accuracy: float
    final_loss: float
    best_accuracy: float
    area_above: float
    """The mean of 1 - accuracy over the training."""
    steps_to: tuple[Bounds | None, ...]
    """For each target; None where that is the baseline's best accuracy, and there is none yet."""


@dataclass(frozen=True)
class Seed:
    """One training: its seed, its job, how it ended, and its numbers where it came to an end that has some.

    outcome: a job's status, or `diverged`. A training that failed for another reason, was cancelled, goes on, or
    cannot be read says nothing of its variant: there, `measured` is None.
    """

    seed: int
    job: str
    outcome: str
    measured: Measured | None


@dataclass(frozen=True)
class Trained:
    """All trainings of an experiment, and by grid point what its targets are there as numbers.

    A target is None where it is the best accuracy of the first variant, and that has none yet: the greatest mean over
    its seeds, at the settings that were chosen for them, of the test accuracy at a step (as in Ioffe and Szegedy 2015,
    figure 3).
    """

    targets: Mapping[str, tuple[float | None, ...]]
    seeds: Mapping[GroupKey, tuple[Seed, ...]]
    chosen: Mapping[GroupKey, tuple[Seed, ...]]
    """By what is left of each point without the axes that are tuned over, the seeds at their chosen settings: without
    tuning, all seeds."""
    scores: Mapping[str, float]
    """By job, by what settings are chosen: the more the better."""


def outcome_of(job: Job) -> str:
    """A job's status, or `diverged`."""
    has_diverged = job.status is Status.FAILED and job.error is not None and job.error.code == NonFiniteLoss.code
    return DIVERGED if has_diverged else str(job.status)


def chance(job: Job) -> float:
    """The accuracy of who knows nothing."""
    return 1 / max(1, job.resolved.dataset.classes)


def has_diverged(seed: Seed) -> bool:
    """Whether it ended by a loss that is not finite, or went on to one that is not finite at the end."""
    return seed.outcome == DIVERGED or (seed.measured is not None and isinf(seed.measured.final_loss))


def has_learned(measured: Measured, bar: float) -> bool:
    """Whether the final accuracy, measured as a float32, is at least the bar, and not by chance: the loss is finite."""
    return isfinite(measured.final_loss) and bool(np.float32(measured.final_accuracy) >= np.float32(bar))


def trained(spec: ExperimentSpec, results: Iterable[Result], scores: Mapping[str, float] = NO_SCORES) -> Trained:
    """What is known of every training, by variant and grid point, in the order in which the jobs were queued.

    scores: by job, of those that came to an end, where settings are chosen.
    """
    by_id = {result.job.id: result for result in results}
    groups: dict[GroupKey, list[Result]] = defaultdict(list)
    for result in by_id.values():
        groups[result.member.variant, result.member.at].append(result)
    places = settings(grid_points(spec), tuned_axes(spec))
    jobs = ((result.member, result.job.id) for result in by_id.values())
    chosen = {key: tuple(map(by_id.__getitem__, ids)) for key, ids in chosen_jobs(spec, jobs, scores).items()}
    first = next(iter(spec.variants))
    targets = {
        each.key: found
        for key, place in places.items()
        for found in (_targets(spec, chosen[first, key]),)
        for each in place.each
    }
    seeds = {key: tuple(_seed(each, targets[key[1]]) for each in found) for key, found in groups.items()}
    by_job = {each.job: each for found in seeds.values() for each in found}
    at_chosen = {key: tuple(by_job[each.job.id] for each in found) for key, found in chosen.items()}
    return Trained(targets, seeds, at_chosen, scores)


def _targets(spec: ExperimentSpec, baseline: Sequence[Result]) -> tuple[float | None, ...]:
    best = _best_mean(baseline) if BASELINE_BEST in spec.targets else None
    return tuple(best if isinstance(target, str) else target for target in spec.targets)


def _seed(result: Result, targets: tuple[float | None, ...]) -> Seed:
    job, outcome = result.job, outcome_of(result.job)
    measured = None
    if outcome == DIVERGED or (outcome == Status.SUCCEEDED and result.curve is not None):
        measured = _measured(result.curve, targets, job.steps, chance(job), has_diverged=outcome == DIVERGED)
    return Seed(result.member.seed, job.id, outcome, measured)


@lru_cache(maxsize=4000)  # curves are known by identity, and those of jobs that have ended are kept
def _measured(
    curve: Curve | None, targets: tuple[float | None, ...], budget: int, by_chance: float, *, has_diverged: bool
) -> Measured:
    course = _course(curve, None if has_diverged else budget)
    area = area_above(course.step, course.accuracy, budget, by_chance)
    if has_diverged or curve is None:
        return Measured(by_chance, inf, by_chance, area, tuple(None if each is None else NEVER for each in targets))
    loss = float(curve.loss[-1])
    return Measured(
        final_accuracy=float(curve.accuracy[-1]),
        final_loss=loss if isfinite(loss) else inf,
        best_accuracy=float(curve.accuracy.max()),
        area_above=area,
        steps_to=tuple(None if each is None else steps_to(curve.step, curve.accuracy, each) for each in targets),
    )


def _succeeded(result: Result) -> bool:
    return result.job.status is Status.SUCCEEDED and result.curve is not None


def _course(curve: Curve | None, until: int | None) -> Course:
    """The test accuracy of a training by step; until: up to where one that was stopped early keeps its last."""
    if curve is None:
        return Course(np.empty(0, np.int64), np.empty(0, np.float32))
    step, accuracy = curve.step, curve.accuracy
    if until is not None and step[-1] < until:
        step, accuracy = np.append(step, until), np.append(accuracy, accuracy[-1:])
    return Course(step, accuracy)


def _best_mean(results: Sequence[Result]) -> float | None:
    """The greatest mean accuracy over the seeds that came to an end, of the steps at which each was evaluated.

    After its last evaluation one that diverged is at chance, and one that was stopped early stays where it was.
    """
    ended = [each for each in results if outcome_of(each.job) == DIVERGED or _succeeded(each)]
    courses = [_course(each.curve, each.job.steps if _succeeded(each) else None) for each in ended]
    steps = np.unique(np.concatenate([np.empty(0, np.int64), *(each.step for each in courses)]))
    rows = []
    for result, course in zip(ended, courses, strict=True):
        row = np.full(len(steps), np.nan)
        last = max(() if result.curve is None else result.curve.step, default=-1)
        row[steps > last] = course.accuracy[-1] if _succeeded(result) else chance(result.job)
        row[np.searchsorted(steps, course.step)] = course.accuracy
        rows.append(row)
    means = np.mean(rows, 0) if rows else np.empty(0)
    known = means[np.isfinite(means)]
    return float(known.max()) if len(known) else None
