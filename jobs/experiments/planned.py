"""Which jobs an experiment was to have, by its document: those of them that are not there were deleted."""

import itertools
from dataclasses import dataclass
from math import prod

from pydantic import JsonValue

from jobs.experiments.document import ExperimentSpec, Member


@dataclass(frozen=True)
class PlannedGroup:
    """One variant at one grid point, and how many jobs it was to have."""

    variant: str
    point: dict[str, JsonValue]
    jobs: int


def number_of_jobs(spec: ExperimentSpec) -> int:
    """Variants times grid times seeds."""
    return len(spec.variants) * prod(len(values) for values in spec.grid.values()) * spec.seeds


def planned(spec: ExperimentSpec) -> dict[tuple[str, str], PlannedGroup]:
    """Every variant at every grid point, by the variant and the point as a key, in the order of the document.

    What stands twice in a grid is one point with twice the jobs: earlier releases took such documents.
    """
    found: dict[tuple[str, str], PlannedGroup] = {}
    for variant in spec.variants:
        for values in itertools.product(*spec.grid.values()):
            point = dict(zip(spec.grid, values, strict=True))
            key = (variant, Member(variant, point, 0).at)
            before = found[key].jobs if key in found else 0
            found[key] = PlannedGroup(variant, point, before + spec.seeds)
    return found


def grid_points(spec: ExperimentSpec) -> list[dict[str, JsonValue]]:
    """Every grid point, in the order of the document."""
    first = next(iter(spec.variants))
    return [group.point for (variant, _), group in planned(spec).items() if variant == first]
