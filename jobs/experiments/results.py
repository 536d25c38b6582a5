"""What an experiment has found: its jobs' test curves aggregated by variant and grid point. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import JsonValue

from jobs.errors import NonFiniteLoss
from jobs.experiments.curves import Curve
from jobs.experiments.document import Member, by_group
from jobs.experiments.statistics import Estimate, estimate, ratio
from jobs.job import TERMINAL, Job, Status


@dataclass(frozen=True)
class Outcome:
    """A job of an experiment: what sets it apart, where it stands, and its test curve so far."""

    member: Member
    job: Job
    curve: Curve


@dataclass(frozen=True)
class Band:
    """A mean over seeds at each step, with its interval; `n` seeds have a finite value there."""

    mean: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    n: tuple[int, ...]


@dataclass(frozen=True)
class StepsTo:
    """How long it takes to a test accuracy: the steps of the seeds that reached it, of those that have ended."""

    target: float
    reached: int
    ended: int
    steps: Estimate | None


@dataclass(frozen=True)
class Group:
    """The seeds of one variant at one grid point. `final` and `best` are of the jobs that succeeded."""

    variant: str
    point: dict[str, JsonValue]
    jobs: tuple[str, ...]
    succeeded: int
    diverged: tuple[str, ...]
    failed: tuple[str, ...]
    cancelled: tuple[str, ...]
    step: tuple[int, ...]
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


def groups(outcomes: Iterable[Outcome], targets: Sequence[float]) -> tuple[Group, ...]:
    """By variant and grid point, in the order in which the jobs were made."""
    return tuple(_group(seeds, targets) for seeds in by_group(outcomes, lambda outcome: outcome.member))


def speedups(outcomes: Iterable[Outcome], targets: Sequence[float]) -> tuple[Speedup, ...]:
    """Of every variant against the first one, at each grid point and target."""
    outcomes = list(outcomes)
    variants = list(dict.fromkeys(outcome.member.variant for outcome in outcomes))
    points = {outcome.member.at: outcome.member.point for outcome in outcomes}
    found = []
    for key, point in points.items():
        here = [outcome for outcome in outcomes if outcome.member.at == key]
        for variant in variants[1:]:
            for target in targets:
                slow, fast = (_steps_by_seed(here, name, target) for name in (variants[0], variant))
                both = sorted(slow.keys() & fast.keys())
                compared = ratio([slow[seed] for seed in both], [fast[seed] for seed in both])
                found.append(Speedup(variant, variants[0], point, target, compared))
    return tuple(found)


def steps_to(curve: Curve, target: float) -> int | None:
    """The first evaluated step with at least this test accuracy, or None."""
    reached = np.flatnonzero(curve.accuracy >= np.float32(target))
    return int(curve.step[reached[0]]) if len(reached) else None


def _steps_by_seed(outcomes: Sequence[Outcome], variant: str, target: float) -> dict[int, int]:
    found = {o.member.seed: steps_to(o.curve, target) for o in outcomes if o.member.variant == variant}
    return {seed: steps for seed, steps in found.items() if steps is not None}


def _group(outcomes: list[Outcome], targets: Sequence[float]) -> Group:
    done = [outcome.curve for outcome in outcomes if outcome.job.status is Status.SUCCEEDED]
    failed = [outcome.job for outcome in outcomes if outcome.job.status is Status.FAILED]
    ended = [outcome for outcome in outcomes if outcome.job.status in TERMINAL]
    steps = sorted({int(step) for outcome in outcomes for step in outcome.curve.step})
    curves = [outcome.curve for outcome in outcomes]
    return Group(
        variant=outcomes[0].member.variant,
        point=outcomes[0].member.point,
        jobs=tuple(outcome.job.id for outcome in outcomes),
        succeeded=len(done),
        diverged=tuple(job.id for job in failed if job.error is not None and job.error.code == NonFiniteLoss.code),
        failed=tuple(job.id for job in failed if job.error is None or job.error.code != NonFiniteLoss.code),
        cancelled=tuple(outcome.job.id for outcome in outcomes if outcome.job.status is Status.CANCELLED),
        step=tuple(steps),
        accuracy=_band(steps, curves, "accuracy"),
        loss=_band(steps, curves, "loss"),
        final_accuracy=estimate([float(curve.accuracy[-1]) for curve in done]),
        final_loss=estimate([float(curve.loss[-1]) for curve in done]),
        best_accuracy=estimate([float(curve.accuracy.max()) for curve in done]),
        steps_to=tuple(_steps_to([outcome.curve for outcome in ended], target) for target in targets),
    )


def _steps_to(curves: Sequence[Curve], target: float) -> StepsTo:
    reached = [steps for curve in curves if (steps := steps_to(curve, target)) is not None]
    return StepsTo(target, len(reached), len(curves), estimate(reached))


def _band(steps: Sequence[int], curves: Sequence[Curve], name: str) -> Band:
    """Over the jobs that have a finite value there; there is no mean at a step at which none has one."""
    at: dict[int, list[float]] = {step: [] for step in steps}
    for curve in curves:
        for step, value in zip(curve.step.tolist(), getattr(curve, name).tolist(), strict=True):
            if np.isfinite(value):
                at[step].append(value)
    found = [estimate(values) or Estimate(None, None, None, 0) for values in at.values()]
    return Band(
        tuple(each.mean for each in found),
        tuple(each.low for each in found),
        tuple(each.high for each in found),
        tuple(each.n for each in found),
    )
