"""Where in an experiment's document the fault of one of its jobs was written, and what to say of it there."""

import json
from typing import Any

from jobs.errors import FieldError
from jobs.experiments.document import ExperimentSpec, Point
from jobs.experiments.layers import as_far_as_named, as_far_as_patched, names_in
from jobs.experiments.patches import depth
from jobs.sentences import listed, shown, suggestion
from jobs.spec.document import JobSpec
from jobs.spec.pointers import Place, as_far_as_there, parts_of, pointer
from jobs.spec.unknown import nearest_field
from jobs.spec.vocabulary import vocabulary

FACTORS = ("training", "rate_factors")  # whose keys are patterns of layers' names


def located(spec: ExperimentSpec, label: str, point: Point, error: FieldError) -> tuple[Place, str]:
    """Where what a field of a job says is written in the experiment, grid, patch or base, as far as it is written."""
    path = parts_of(error.pointer)
    place, left = _written(spec, label, point, path)
    told = f"{error.pointer}: {error.message}" if left else error.message
    return place, f"{told} (variant '{label}'{f' at {json.dumps(point)}' if point else ''})"


def index_of(spec: ExperimentSpec, where: str, point: Point) -> int:
    """Which of the grid's values there the point has; 1, 1.0 and true are three."""
    return [json.dumps(value) for value in spec.grid[where]].index(json.dumps(point[where]))


def not_there(label: str, document: Any, where: str) -> str:
    """What to say of a place of the grid that leads nowhere: the nearest field, or what is in its way."""
    path = parts_of(where)
    there, container = as_far_as_named(document, path)
    told = f"there is no such field in variant '{label}'"
    if there == FACTORS:
        factors = json.dumps({"rate_factors": {path[len(there)]: 1}})
        return f"{told}: have a factor there in the base that the grid's values replace: {factors}"
    if isinstance(container, dict):
        return f"{told}: {nearest_field(vocabulary(JobSpec), document, (*there, path[len(there)]))}"
    if isinstance(container, list):
        items = f"the list at {pointer(there)} has {len(container)} items, counted from 0"
        return f"{told}: {items}{_by_name(path[len(there)], container)}"
    return f"{told}: {pointer(there)} is {shown(container)}"


def _written(spec: ExperimentSpec, label: str, point: Point, path: Place) -> tuple[Place, Place]:
    """The place in the experiment, and what of the path leads on from there."""
    for where in sorted(point, key=depth, reverse=True):
        outer = parts_of(where)
        if path[: len(outer)] == outer:
            inner = as_far_as_there(point[where], path[len(outer) :])
            return ("grid", where, index_of(spec, where, point), *inner), path[len(outer) + len(inner) :]
    if inner := as_far_as_patched(spec.variants[label], spec.base, path):
        return ("variants", label, *inner), path[len(inner) :]
    inner = as_far_as_there(spec.base, path)
    return ("base", *inner), path[len(inner) :]


def _by_name(part: str, container: list[Any]) -> str:
    names = names_in(container)
    return f"; by name there is: {listed(names, 10)}{suggestion(part, names)}" if names else ""
