"""Each seed's number by which variants are compared: of one training or, along an axis, of several. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from pydantic import JsonValue

from jobs.experiments.document import ExperimentSpec, Point, key_of
from jobs.experiments.planned import grid_points
from jobs.experiments.question import (
    ACCURACY,
    AlongAxis,
    AreaAbove,
    Gain,
    Largest,
    Last,
    Range,
    StepsTo,
    is_without,
)
from jobs.experiments.seeds import Seed, Trained, has_diverged, has_learned
from jobs.experiments.speedups import steps_by_seed
from jobs.experiments.statistics.interval import Bounds
from jobs.experiments.tuning import choices, settings, tuned_axes

ByValue = Sequence[tuple[JsonValue, Mapping[int, Seed]]]
"""A variant's trainings by seed, at each value of an axis."""


@dataclass(frozen=True)
class OfSeed:
    """A seed's number. job: None where it is of several trainings; diverged: whether each of those did."""

    seed: int
    job: str | None
    value: Bounds
    diverged: bool


def series_of(spec: ExperimentSpec) -> str | None:
    """The series whose numbers have to be read for the verdicts; None where those of each seed will do."""
    primary = spec.primary
    if isinstance(primary, AlongAxis | StepsTo | AreaAbove):
        return None
    is_final = isinstance(primary, Last) and primary.series == ACCURACY and primary.goal != "min"
    return None if is_final else primary.series


def compared_axes(spec: ExperimentSpec) -> tuple[str, ...]:
    """The axes that a verdict sums up: those that are tuned over, and the one that the primary goes along."""
    along = (spec.primary.over,) if isinstance(spec.primary, AlongAxis) else ()
    return (*tuned_axes(spec), *along)


def of_trainings(spec: ExperimentSpec, seeds: Sequence[Seed], by_job: Mapping[str, Bounds]) -> dict[int, Bounds]:
    """By seed the number of each training that came to an end: along an axis, its test accuracy at the end.

    by_job: the primary's numbers, where they are of the series that `series_of` names.
    """
    primary = spec.primary
    if isinstance(primary, StepsTo):
        return steps_by_seed(seeds, spec.targets.index(primary.target))
    ended = {each.seed: (each.job, each.measured) for each in seeds if each.measured is not None}
    if isinstance(primary, AreaAbove):
        return {seed: Bounds(each.area_above, each.area_above) for seed, (_, each) in ended.items()}
    if series_of(spec) is None:
        return {seed: Bounds(each.final_accuracy, each.final_accuracy) for seed, (_, each) in ended.items()}
    return {seed: by_job[job] for seed, (job, _) in ended.items() if job in by_job}


def of_variant(
    spec: ExperimentSpec, trained: Trained, by_job: Mapping[str, Bounds], variant: str, point: Point
) -> tuple[OfSeed, ...]:
    """The number of each seed that has one, at what is left of a grid point without `compared_axes`.

    Along an axis a seed counts where it came to an end at each of its values.
    """
    if isinstance(spec.primary, Gain):
        return _gains(spec, spec.primary, trained, variant, point)
    if isinstance(spec.primary, AlongAxis):
        along = _along(spec, spec.primary.over, trained, variant, point)
        return tuple(_of_seed(spec, seed, along) for seed in _everywhere(found for _, found in along))
    seeds = trained.chosen.get((variant, key_of(point)), ())
    numbers = of_trainings(spec, seeds, by_job)
    return tuple(
        OfSeed(each.seed, each.job, numbers[each.seed], has_diverged(each))
        for each in sorted(seeds, key=lambda each: each.seed)
        if each.seed in numbers
    )


def _along(spec: ExperimentSpec, axis: str, trained: Trained, variant: str, point: Point) -> ByValue:
    tuned = settings(grid_points(spec), tuned_axes(spec))
    there = settings((each.point for each in tuned.values()), (axis,))[key_of(point)].each
    return [(each.at[axis], _ended(trained.chosen.get((variant, each.key), ()))) for each in there]


def _ended(seeds: Iterable[Seed]) -> dict[int, Seed]:
    return {each.seed: each for each in seeds if each.measured is not None}


def _everywhere(found: Iterable[Mapping[int, Seed]]) -> list[int]:
    return sorted(set.intersection(*(set(each) for each in found)))


def _of_seed(spec: ExperimentSpec, seed: int, along: ByValue) -> OfSeed:
    trainings = [(value, found[seed]) for value, found in along]
    diverged = all(has_diverged(each) for _, each in trainings)
    return OfSeed(seed, None, ALONG[type(spec.primary)](spec, trainings), diverged)


def _largest(spec: ExperimentSpec, trainings: Sequence[tuple[Any, Seed]]) -> Bounds:
    assert spec.learned is not None  # or the document is refused
    values = sorted(value for value, _ in trainings)
    learned = [value for value, each in trainings if each.measured and has_learned(each.measured, spec.learned)]
    largest = max(learned, default=0.0)
    return Bounds(largest, next((value for value in values if value > largest), inf))


def _range(_spec: ExperimentSpec, trainings: Sequence[tuple[Any, Seed]]) -> Bounds:
    if all(has_diverged(each) for _, each in trainings):
        return Bounds(inf, inf)  # always at chance it ranges over nothing, and that is not what is asked for
    accuracies = [_final(each) for _, each in trainings]
    apart = max(accuracies) - min(accuracies)
    return Bounds(apart, apart)


def _final(seed: Seed) -> float:
    assert seed.measured is not None  # it came to an end
    return seed.measured.final_accuracy


ALONG: dict[type, Callable[[ExperimentSpec, Sequence[tuple[Any, Seed]]], Bounds]] = {Largest: _largest, Range: _range}
"""By primary what a seed's trainings, each with its value of the axis, come to."""


def _gains(spec: ExperimentSpec, gain: Gain, trained: Trained, variant: str, point: Point) -> tuple[OfSeed, ...]:
    """Each seed at the best setting with the axis, less the same at the best setting without it."""
    every = settings(grid_points(spec), compared_axes(spec))[key_of(point)].each
    ways: list[dict[int, Seed]] = []
    for without in (False, True):
        keys = [each.key for each in every if is_without(gain, each.at[gain.over]) == without]
        at = [{each.seed: each for each in trained.seeds.get((variant, key), ())} for key in keys]
        picked = choices([{seed: each.job for seed, each in found.items()} for found in at], trained.scores)
        ways.append(_ended(at[setting][seed] for seed, setting in picked.items()))
    made = []
    for seed in _everywhere(ways):
        with_it, without_it = (found[seed] for found in ways)
        gained = _final(with_it) - _final(without_it)
        diverged = has_diverged(with_it) and has_diverged(without_it)
        if diverged:  # it has nothing to gain, and is not the better for it
            gained = inf if gain.goal == "min" else -inf
        made.append(OfSeed(seed, None, Bounds(gained, gained), diverged))
    return tuple(made)
