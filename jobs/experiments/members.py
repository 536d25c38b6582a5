"""Which jobs an experiment amounts to, each of them checked; what cannot be run is blamed on what its document says."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from jobs.datasets.loading import missing_dataset
from jobs.errors import FieldError, InvalidSpec
from jobs.experiments.blame import index_of, located, not_there
from jobs.experiments.document import ExperimentSpec, Member, Point
from jobs.experiments.layers import named_place
from jobs.experiments.patches import depth, merged, put
from jobs.experiments.question import SEED
from jobs.experiments.recorded import require_recorded
from jobs.spec.check import resolve, spec_of
from jobs.spec.document import JobSpec
from jobs.spec.engines import Choice, choose
from jobs.spec.known import Known
from jobs.spec.pointers import Place, parts_of, pointer
from jobs.spec.problems import bounded
from jobs.spec.program import program_of
from jobs.spec.resolved import Resolved, digest
from jobs.spec.training import LARGEST

MAX_REPEATED = 4_000_000  # characters that an answer spends on the grid's values, the most

Planned = tuple[tuple[Member, Resolved], ...]


@dataclass(frozen=True)
class _Variant:
    """A variant of an experiment, with its document, which has every default but for its length."""

    spec: ExperimentSpec
    label: str
    document: dict[str, Any]


def members(spec: ExperimentSpec, known: Known, seeds: range) -> Planned:
    """Every job of an experiment with these seeds, counted from the base's, checked.

    Raises InvalidSpec, with pointers into the experiment's document, and with the number where there would be too many
    jobs, those of the seeds before these included.
    """
    number = len(spec.variants) * prod(len(values) for values in spec.grid.values()) * seeds.stop
    if number > known.settings.max_experiment_jobs:
        message = f"that would be {number} jobs; the cap is {known.settings.max_experiment_jobs}"
        raise InvalidSpec((FieldError("", message),))
    if seeds.stop > 1 and SEED in spec.grid:
        message = f"with {seeds.stop} seeds some of these would make the same jobs; leave the axis out, or the seeds"
        raise InvalidSpec((FieldError(pointer(("grid", SEED)), message),))
    longest = sum(max(len(json.dumps(value)) for value in values) for values in spec.grid.values())
    if number * (1 + len(spec.targets)) * longest > MAX_REPEATED:
        message = "these values are too long to be named with each job and target; what is long goes into a variant"
        raise InvalidSpec((FieldError("/grid", message),))
    found = tuple(member for variant in _variants(spec, known) for member in _members(variant, known, seeds))
    require_recorded(spec, found)
    return _sharing(found, of_all=seeds.stop / max(len(seeds), 1))


def _sharing(planned: Planned, of_all: float) -> Planned:
    """The same jobs, each by the engine that is worth while for all that share its compiled step.

    of_all: how many times as many there are with those that were planned before.
    """
    # Jobs that differ in their seed alone have one program: it is told once.
    first = {(member.variant, member.at): resolved for member, resolved in reversed(planned)}
    programs = {group: json.dumps(program_of(resolved)) for group, resolved in first.items()}
    steps: Counter[str] = Counter()
    for member, resolved in planned:
        steps[programs[member.variant, member.at]] += resolved.steps
    return tuple(
        (member, resolved.taken_by(_engine(resolved, round(of_all * steps[programs[member.variant, member.at]]))))
        for member, resolved in planned
    )


def _engine(resolved: Resolved, steps: int) -> Choice:
    return choose(resolved.spec.resources.engine, resolved.plan, resolved.spec.data.batch_size, steps)


def further_members(spec: ExperimentSpec, known: Known, seeds: range) -> Planned:
    """The jobs of seeds that are added, their datasets looked for too. Raises InvalidSpec; each pointer is `/seeds`."""
    try:
        planned = members(spec, known, seeds)
        require_datasets(spec, planned, known.settings.data)
    except InvalidSpec as error:
        told = (f"{each.pointer}: {each.message}" if each.pointer else each.message for each in error.errors)
        raise InvalidSpec(tuple(FieldError("/seeds", message) for message in told)) from None
    return planned


def require_datasets(spec: ExperimentSpec, planned: Planned, data_folder: Path) -> None:
    """Raise InvalidSpec where a job's dataset is not in the data folder, with the command that brings it."""
    for member, resolved in planned:
        if error := missing_dataset(resolved.dataset, data_folder):
            raise InvalidSpec(bounded([located(spec, member.variant, member.point, error)]))


def _variants(spec: ExperimentSpec, known: Known) -> Iterator[_Variant]:
    try:
        base = spec_of(spec.base)
        _accepted(base, known)
    except InvalidSpec as error:
        raise InvalidSpec(tuple(FieldError(f"/base{each.pointer}", each.message) for each in error.errors)) from None
    for label, patch in spec.variants.items():
        try:
            variant = spec_of(merged(_filled(base), patch))
            _accepted(variant, known)
        except InvalidSpec as error:
            raise InvalidSpec(bounded(located(spec, label, {}, each) for each in error.errors)) from None
        yield _Variant(spec, label, _filled(variant))


def _members(variant: _Variant, known: Known, seeds: range) -> Iterator[tuple[Member, Resolved]]:
    grid = variant.spec.grid
    seen: dict[str, tuple[int, ...]] = {}
    for indices in itertools.product(*(range(len(values)) for values in grid.values())):
        point = {where: grid[where][i] for where, i in zip(grid, indices, strict=True)}
        resolved = _resolved(variant, point, known)
        whole = json.dumps(resolved.document)
        if whole in seen:
            raise _twice(variant, seen[whole], indices)
        seen[whole] = indices
        first = resolved.spec.training.seed
        if first + seeds[-1] > LARGEST:
            message = f"the last of {seeds.stop} seeds would be {first + seeds[-1]}; seeds go up to {LARGEST}"
            error = FieldError("/training/seed", message)
            raise InvalidSpec(bounded([located(variant.spec, variant.label, point, error)]))
        for seed in range(first + seeds.start, first + seeds.stop):
            yield Member(variant.label, point, seed), _seeded(resolved, seed)


def _resolved(variant: _Variant, point: Point, known: Known) -> Resolved:
    """The variant at a point of the grid, checked. Raises InvalidSpec."""
    try:
        return _accepted(spec_of(_at(variant, point)), known)
    except InvalidSpec as error:
        found = error.errors
    raise InvalidSpec(bounded(_blamed(variant, point, each, known) for each in found))


def _accepted(spec: JobSpec, known: Known) -> Resolved:
    """The document, checked; members of an experiment draw their weights from their seeds. Raises InvalidSpec."""
    if spec.initial is not None:
        told = "no member of an experiment starts from another job's network: post such jobs one by one, or say null"
        raise InvalidSpec((FieldError("/initial", told),))
    return resolve(spec, known)


def _at(variant: _Variant, point: Point) -> Any:
    """The variant's document with the grid's values in it. Raises InvalidSpec for a place that is not there."""
    document, complete = variant.document, True
    filled: dict[Place, str] = {}
    for where in sorted(point, key=depth):
        place = named_place(document, where)
        if earlier := filled.get(place):
            told = f"in variant '{variant.label}' this is the same place as '{earlier}': have one axis for both"
            raise InvalidSpec(bounded([(("grid", where), told)]))
        filled[place] = where
        try:
            document = put(document, where, point[where], new=not complete)
        except LookupError:
            raise InvalidSpec(bounded([(("grid", where), not_there(variant.label, document, where))])) from None
        try:
            document, complete = _filled(spec_of(document)), True  # the defaults of a kind that was just named
        except InvalidSpec:
            complete = False  # what is missing may be what another value brings
    return document


def _blamed(variant: _Variant, point: Point, error: FieldError, known: Known) -> tuple[Place, str]:
    """Where an error of a point stands in the experiment: at the value without which the job could be run."""
    if error.pointer.startswith("/grid/"):
        return parts_of(error.pointer), error.message
    place, message = located(variant.spec, variant.label, point, error)
    if place[0] != "grid":
        for where in point:
            try:
                resolve(spec_of(_at(variant, {other: point[other] for other in point if other != where})), known)
            except InvalidSpec:
                continue
            return ("grid", where, index_of(variant.spec, where, point)), message
    return place, message


def _twice(variant: _Variant, earlier: tuple[int, ...], later: tuple[int, ...]) -> InvalidSpec:
    where, index = next((where, b) for where, a, b in zip(variant.spec.grid, earlier, later, strict=True) if a != b)
    message = f"in variant '{variant.label}' this makes the same jobs as an earlier value; give each value once"
    return InvalidSpec(bounded([(("grid", where, index), message)]))


def _filled(spec: JobSpec) -> dict[str, Any]:
    return spec.model_dump(mode="json")


def _seeded(resolved: Resolved, seed: int) -> Resolved:
    """The same job from another seed, which needs no second check."""
    document = {**resolved.document, "training": {**resolved.document["training"], "seed": seed}}
    return replace(resolved, document=document, sha256=digest(document))
