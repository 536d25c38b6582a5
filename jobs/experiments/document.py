"""What an experiment asks for: one job document, variants of it, a grid, seeds."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, TypeVar

from pydantic import Field, FiniteFloat, JsonValue

from bn.architecture.document import WHOLE, Document
from jobs.errors import FieldError, InvalidSpec
from jobs.experiments.faults import faults_of
from jobs.experiments.patches import exclusive
from jobs.experiments.question import Last, Primary, Share, Target, Tune
from jobs.spec import json_text
from jobs.spec.document import JobSpec, Text
from jobs.spec.pointers import Place, parts_of
from jobs.spec.problems import bounded, several_lines, validated
from jobs.spec.unknown import pointer_for
from jobs.spec.vocabulary import vocabulary

MAX_SEEDS = 31  # more would say little that so many do not
Item = TypeVar("Item")
Label = Annotated[str, Field(min_length=1, max_length=100)]
Seeds = Annotated[int, Field(ge=1, le=MAX_SEEDS), WHOLE]
Point = dict[str, JsonValue]
"""A point of a grid: by pointer what stands there."""


class ExperimentSpec(Document):
    """Variants times grid times seeds: the same seed means the same order of examples in every one of them."""

    name: Text | None = None
    claim: Annotated[str, Field(max_length=2000)] | None = None
    """What it is about, in words."""
    base: dict[str, JsonValue] = Field(default_factory=dict)
    """A job document, as for `/jobs`."""
    variants: Annotated[dict[Label, dict[str, JsonValue]], Field(min_length=1, max_length=100)]
    """By label a JSON merge patch (RFC 7396) of the base with every default; `steps` and `epochs` are as the base has
    them. Where a patch names another `kind`, `scheme` or `preset`, or `layers` instead of a preset, it begins with the
    defaults of what it names; `steps` takes the place of `epochs`, and the reverse."""
    grid: Annotated[dict[str, list[JsonValue]], Field(max_length=5)] = Field(default_factory=dict)
    """By JSON pointer into a variant's document, the values that stand there in turn; what they take the place of is as
    in a patch. No two points may amount to the same job, and no axis may take the place of another one."""
    seeds: Seeds = 1
    """How many: the base's own and those that follow it."""
    targets: Annotated[tuple[Target, ...], Field(max_length=20, strict=False)] = (0.5, 0.8, 0.9, 0.95)
    """Test accuracies to which the steps are counted; `baseline_best` is the best that the first variant reaches, as a
    mean over its seeds, at each grid point."""
    primary: Primary = Field(default_factory=Last)
    """By what the variants are judged, each against the first one."""
    tune: Tune | None = None
    """At which setting of the grid each variant is compared; null: at each one."""
    delta: Annotated[FiniteFloat, Field(ge=0, le=1e30)] = 0.0
    """What is no difference: variants are equal where the interval lies within it; of what is compared as a ratio, such
    as steps, as a share."""
    learned: Share | None = None
    """From which test accuracy on, at the end, a training has learned: so many of so many seeds are counted."""


_OF_JOBS = JobSpec.model_fields.keys() - ExperimentSpec.model_fields.keys()
_OF_EXPERIMENTS = ExperimentSpec.model_fields.keys() - JobSpec.model_fields.keys()

A_JOB = (
    "this is a job: post it to /jobs, or give it to 'bnlab submit'; an experiment has it as its 'base', "
    "beside its 'variants'"
)


class SeedsSpec(Document):
    """How many seeds to add to an experiment."""

    seeds: Seeds


@dataclass(frozen=True)
class Member:
    """One job of an experiment, by what sets it apart."""

    variant: str
    point: Point
    seed: int

    @property
    def at(self) -> str:
        """The point as a key."""
        return key_of(self.point)


GroupKey = tuple[str, str]
"""A variant and the key of a grid point, or of what is left of one without some axes."""


def key_of(point: Point) -> str:
    """A grid point as a key: 1, 1.0 and true are three."""
    return json.dumps(point)


def read(body: bytes | str) -> ExperimentSpec:
    """The document, its fields checked one by one; its jobs are not. Raises InvalidSpec."""
    document = json_text.read(body)
    if isinstance(document, dict) and document.keys() & _OF_JOBS and not document.keys() & _OF_EXPERIMENTS:
        raise InvalidSpec((FieldError("", A_JOB),))
    known = vocabulary(ExperimentSpec, base=JobSpec)
    spec = validated(ExperimentSpec, document, free=("base", "grid"), known=known)
    labels: Iterable[tuple[Place, str]] = ((("variants", label), label) for label in spec.variants)
    lines = several_lines(((("name",), spec.name or ""), (("claim",), spec.claim or ""), *labels))
    faults = faults_of(spec.primary, spec.targets, spec.tune, spec.grid, spec.learned)
    if wrong := bounded((*lines, *_bad_axes(spec), *faults)):
        raise InvalidSpec(wrong)
    return spec


def read_seeds(body: bytes | str) -> SeedsSpec:
    """How many seeds are to be added. Raises InvalidSpec."""
    return validated(SeedsSpec, json_text.read(body))


def by_group(items: Iterable[Item], member_of: Callable[[Item], Member]) -> list[list[Item]]:
    """The seeds of each variant at each grid point together, in the order in which the groups first appear."""
    groups: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        member = member_of(item)
        groups.setdefault((member.variant, member.at), []).append(item)
    return list(groups.values())


def _bad_axes(spec: ExperimentSpec) -> Iterator[tuple[Place, str]]:
    for pointer, values in spec.grid.items():
        try:
            if not parts_of(pointer):
                yield ("grid", pointer), "this is the whole document: name a place in it, such as '/training/steps'"
        except ValueError as error:
            instead = "" if pointer.startswith("/") else f"; {pointer_for(vocabulary(JobSpec), pointer)}"
            yield ("grid", pointer), f"no JSON pointer: {error}{instead}"
        if not values:
            yield ("grid", pointer), "this has no value"
    for later, earlier in exclusive(tuple(spec.grid)):
        yield ("grid", later), f"this takes the place of '{earlier}', or the reverse: have one axis for both"
