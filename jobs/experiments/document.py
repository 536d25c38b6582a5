"""What an experiment asks for: one job document, variants of it, a grid, seeds; and the jobs that this amounts to."""

import copy
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import prod
from typing import Annotated, Any, TypeVar

from pydantic import Field, FiniteFloat, JsonValue, field_validator

from bn.architecture.document import Document
from jobs import json_text
from jobs.errors import FieldError, InvalidSpec
from jobs.problems import validated
from jobs.settings import Settings
from jobs.spec import Text
from jobs.submission import Accepted, check, digest

MAX_SEEDS = 31  # as far as the table of Student's t goes
Item = TypeVar("Item")
Label = Annotated[str, Field(min_length=1, max_length=100)]
Target = Annotated[FiniteFloat, Field(gt=0, le=1)]


class ExperimentSpec(Document):
    """Variants times grid times seeds: the same seed means the same order of examples in every one of them."""

    name: Text | None = None
    claim: Annotated[str, Field(max_length=2000)] | None = None
    """What it is about, in words."""
    base: dict[str, JsonValue] = Field(default_factory=dict)
    """A job document, as for `/jobs`."""
    variants: Annotated[dict[Label, dict[str, JsonValue]], Field(min_length=1, max_length=100)]
    """By label a JSON merge patch (RFC 7396) of the base with every default resolved."""
    grid: Annotated[dict[str, list[JsonValue]], Field(max_length=5)] = Field(default_factory=dict)
    """By JSON pointer into a variant's resolved document, the values that stand there in turn."""
    seeds: Annotated[int, Field(ge=1, le=MAX_SEEDS)] = 1
    """How many: the base's own and those that follow it."""
    targets: Annotated[tuple[Target, ...], Field(max_length=20, strict=False)] = (0.5, 0.8, 0.9, 0.95)
    """Test accuracies to which the steps are counted."""

    @field_validator("grid")
    @classmethod
    def _pointers(cls, value: dict[str, list[JsonValue]]) -> dict[str, list[JsonValue]]:
        for pointer, values in value.items():
            if not pointer.startswith("/"):
                raise ValueError(f"'{pointer}' is no JSON pointer: it begins with '/'")
            if not values:
                raise ValueError(f"'{pointer}' has no value")
        return value


class SeedsSpec(Document):
    """How many seeds to add to an experiment."""

    seeds: Annotated[int, Field(ge=1, le=MAX_SEEDS)]


@dataclass(frozen=True)
class Member:
    """One job of an experiment, by what sets it apart."""

    variant: str
    point: dict[str, JsonValue]
    """The grid's values, by pointer."""
    seed: int

    @property
    def at(self) -> str:
        """The point as a key."""
        return json.dumps(self.point)


def read(body: bytes | str) -> ExperimentSpec:
    """The document, its fields checked one by one; its jobs are not. Raises InvalidSpec."""
    return validated(ExperimentSpec, json_text.read(body), free=("base", "grid"))


def read_seeds(body: bytes | str) -> SeedsSpec:
    """How many seeds are to be added. Raises InvalidSpec."""
    return validated(SeedsSpec, json_text.read(body))


def members(spec: ExperimentSpec, settings: Settings, seeds: range) -> tuple[tuple[Member, Accepted], ...]:
    """Every job of an experiment with these seeds, counted from the base's, checked.

    Raises InvalidSpec, which names variant and pointer, and with the number where there would be too many jobs, those
    of the seeds before these included.
    """
    number = len(spec.variants) * prod(len(values) for values in spec.grid.values()) * seeds.stop
    if number > settings.max_experiment_jobs:
        message = f"that would be {number} jobs; the cap is {settings.max_experiment_jobs}"
        raise InvalidSpec((FieldError("", message),))
    base = _checked(spec.base, "/base", settings)
    found: list[tuple[Member, Accepted]] = []
    for label, patch in spec.variants.items():
        at = f"/variants/{_escaped(label)}"
        variant = _checked(merged(_resolved(base), patch), at, settings)
        for point in _points(spec.grid):
            there = _checked(_placed(_resolved(variant), point, label), f"{at} at {json.dumps(point)}: ", settings)
            found += [(Member(label, point, seed), _seeded(there, seed)) for seed in _seeds(there, seeds)]
    return tuple(found)


def by_group(items: Iterable[Item], member_of: Callable[[Item], Member]) -> list[list[Item]]:
    """The seeds of each variant at each grid point together, in the order in which the groups first appear."""
    groups: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        member = member_of(item)
        groups.setdefault((member.variant, member.at), []).append(item)
    return list(groups.values())


def merged(document: JsonValue, patch: JsonValue) -> JsonValue:
    """The document after a JSON merge patch (RFC 7396): null removes, objects merge, everything else replaces.

    >>> merged({"a": {"b": 1, "c": 2}}, {"a": {"b": None, "d": 3}})
    {'a': {'c': 2, 'd': 3}}
    """
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def _points(grid: dict[str, list[JsonValue]]) -> Iterator[dict[str, JsonValue]]:
    for values in itertools.product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def _placed(document: Any, point: dict[str, JsonValue], label: str) -> JsonValue:
    """The document with the grid's values in their places. Raises InvalidSpec for a place that is not there."""
    changed = copy.deepcopy(document)
    for pointer, value in point.items():
        *path, last = (part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
        at = changed
        try:
            for part in path:
                at = at[int(part)] if isinstance(at, list) else at[part]
            key = int(last) if isinstance(at, list) else last
            at[key]  # it must be there already: an option that would be ignored is an error
            at[key] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError, ValueError):
            message = f"there is no such field in variant '{label}'"
            raise InvalidSpec((FieldError(f"/grid/{_escaped(pointer)}", message),)) from None
    return changed  # type: ignore[no-any-return]  # JSON


def _checked(document: JsonValue, at: str, settings: Settings) -> Accepted:
    try:
        return check(json.dumps(document), settings)
    except InvalidSpec as error:
        raise InvalidSpec(tuple(FieldError(f"{at}{e.pointer}", e.message) for e in error.errors)) from None


def _resolved(accepted: Accepted) -> dict[str, Any]:
    return accepted.spec.model_dump(mode="json")


def _seeds(accepted: Accepted, seeds: range) -> Iterator[int]:
    return (accepted.spec.training.seed + seed for seed in seeds)


def _seeded(accepted: Accepted, seed: int) -> Accepted:
    """The same job from another seed, which needs no second check."""
    training = accepted.spec.training.model_copy(update={"seed": seed})
    spec = accepted.spec.model_copy(update={"training": training})
    return replace(accepted, spec=spec, sha256=digest(spec))


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
