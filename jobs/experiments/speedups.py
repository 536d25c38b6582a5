"""How many times as fast a variant reaches an accuracy as the first one does, seed by seed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from jobs.experiments.document import ExperimentSpec
from jobs.experiments.estimates import Estimate, of_ratios
from jobs.experiments.planned import grid_points
from jobs.experiments.seeds import Seed, Trained
from jobs.experiments.statistics.interval import Bounds
from jobs.experiments.tuning import settings, tuned_axes


@dataclass(frozen=True)
class Speedup:
    """How many times the steps of `variant` the variant `over` takes to a target, seed by seed."""

    variant: str
    over: str
    point: dict[str, JsonValue]
    target: float | str
    ratio: Estimate[Bounds] | None


def speedups(spec: ExperimentSpec, trained: Trained) -> tuple[Speedup, ...]:
    """Of every variant against the first one, at each target and grid point; of points without the tuned axes."""
    first, *others = spec.variants
    made = []
    for key, place in settings(grid_points(spec), tuned_axes(spec)).items():
        for variant in others:
            for i, target in enumerate(spec.targets):
                one, other = (steps_by_seed(trained.chosen.get((name, key), ()), i) for name in (first, variant))
                both = sorted(one.keys() & other.keys())
                found = of_ratios([one[seed] for seed in both], [other[seed] for seed in both])
                made.append(Speedup(variant, first, place.point, target, found))
    return tuple(made)


def steps_by_seed(seeds: Sequence[Seed], target: int) -> dict[int, Bounds]:
    """The steps to one of the targets of the seeds that came to an end."""
    steps = {each.seed: each.measured.steps_to[target] for each in seeds if each.measured is not None}
    return {seed: bounds for seed, bounds in steps.items() if bounds is not None}
