"""A job document that can be run, with what follows from it: made once, read once from a row, and passed on."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any, Self

from pydantic import ValidationError

from bn.architecture.measures import DiagnosticName, measures_something
from bn.architecture.plan import Plan, plan
from bn.architecture.sampling import sample_size
from bn.architecture.tensors import layers_like, with_frozen
from jobs.datasets.catalogue import Dataset
from jobs.datasets.shares import num_held_out
from jobs.errors import FieldError, InvalidSpec
from jobs.spec.document import Data, JobSpec, Labels
from jobs.spec.engines import UNDECIDED, Choice
from jobs.spec.problems import faults
from jobs.spec.vocabulary import vocabulary

EVALUATION_BATCH = 1000  # examples; the result is a sum over them, so it is part of what a run is
MAX_BLOCK_STEPS = 64
MAX_BLOCK_VALUES = 2**26  # of the inputs that are gathered for a Block: 256 MB
BLOCK_SECONDS = 0.25  # how long a Block should take, by the estimate below
STEP_SECONDS = 1e-3  # estimate of what a step takes at the least
FLOPS = 20e9  # estimate of what one core does a second

ADDED: dict[str, Any] = {"initial": None, "noise": None, "rate_factors": {}, "wide_4cd": False}
"""Fields that documents of earlier releases have not, by name, and what they say where they change nothing."""

LABELS = frozenset(Labels.model_fields)
"""Fields of a document that no result depends on."""


@dataclass(frozen=True)
class Resolved:
    """A document with every field, and the facts of its dataset; what is worked out from them is so when first asked.

    What an earlier release has accepted may be refused by this one: then `spec`, and what needs it, raises InvalidSpec.
    """

    document: dict[str, Any]
    """As it is stored and shown: plain JSON."""
    dataset: Dataset
    sha256: str
    """Of the canonical JSON of everything that results depend on: see `digest`."""
    block_steps: int
    """The most steps in a Block."""
    engine: Choice = UNDECIDED
    """What takes its steps, unless the first attempt finds that it cannot be had."""
    warnings: tuple[str, ...] = ()
    """What is odd about it, in sentences."""

    @cached_property
    def spec(self) -> JobSpec:
        """The document as a value."""
        try:
            return JobSpec.model_validate_json(json.dumps(self.document))
        except ValidationError as error:
            first = faults(error, self.document, vocabulary(JobSpec))[0]
            told = f"this release cannot run the document: {first.pointer}: {first.message}; submit it anew"
            raise InvalidSpec((FieldError("", told),)) from None

    def taken_by(self, engine: Choice) -> Self:
        """The same by another engine; what was worked out of the rest is kept."""
        other = replace(self, engine=engine)
        vars(other).update({name: value for name, value in vars(self).items() if name not in vars(other)})
        return other

    @cached_property
    def plan(self) -> Plan:
        """The network, laid out for the dataset."""
        return plan_of(self.spec, self.dataset)

    @cached_property
    def diagnostics(self) -> dict[DiagnosticName, int]:
        """Of each diagnostic that measures something in this network, the steps from one measurement to the next."""
        asked = self.spec.recording.diagnostics
        return {each.name: each.every for each in asked if measures_something(each.name, self.plan)}

    @cached_property
    def samples(self) -> dict[str, int]:
        """Of each layer with a tap, how many values of a batch its sample holds."""
        batch, limit = self.spec.data.batch_size, self.spec.recording.sample
        return {tap.name: sample_size((batch, *tap.output), limit) for tap in self.plan.taps}

    @property
    def steps(self) -> int:
        """The number of steps, read off the document without checking the rest of it: lists ask for it."""
        return int(self.document["training"]["steps"])

    @property
    def steps_per_epoch(self) -> int:
        """How many mini-batches go through the training set once, read in the same way."""
        return steps_per_epoch(self.document["data"], self.dataset)

    @property
    def has_validation(self) -> bool:
        """Whether a part of the training set is held out, read in the same way."""
        return bool(self.document["data"].get("validation"))

    @property
    def device(self) -> str:
        """The device that the job asks for, `auto`, `cpu` or `cuda`, read in the same way."""
        return str(self.document["resources"]["device"])


def batches(examples: int, batch_size: int) -> int:
    """How many mini-batches an epoch has, the last one of which may be smaller.

    >>> batches(60_000, 60), batches(1000, 60)
    (1000, 17)
    """
    return -(-examples // batch_size)


def num_training(data: Data, dataset: Dataset) -> int:
    """How many examples are trained on."""
    return data.train_samples or num_not_held_out(data.held_out_share, dataset)


def num_not_held_out(share: float | None, dataset: Dataset) -> int:
    """How many training examples are left where this share of each class is held out; None: all of them."""
    return dataset.train - (sum(num_held_out(dataset.counts, share)) if share else 0)


def steps_per_epoch(data: Mapping[str, Any], dataset: Dataset) -> int:
    """How many mini-batches go through the training set once, by the `data` of a document that is not checked."""
    share = (data.get("validation") or {}).get("share")
    return batches(data["train_samples"] or num_not_held_out(share, dataset), data["batch_size"])


def plan_of(spec: JobSpec, dataset: Dataset) -> Plan:
    """The network that a document describes, for a dataset. Raises ShapeError and Underivable."""
    network = plan(spec.architecture, spec.normalization, dataset.shape, dataset.classes)
    return with_frozen(network, layers_like(spec.initial.frozen, network)) if spec.initial else network


def block_steps(network: Plan, batch_size: int) -> int:
    """The most steps in a Block: the largest power of two up to 64 that is small enough.

    Its work is estimated at a quarter of a second at the most, and its inputs take 256 MB at the most.
    """
    seconds = STEP_SECONDS + 6 * network.multiply_adds * batch_size / FLOPS
    values = batch_size * prod(network.input)
    steps = MAX_BLOCK_STEPS
    while steps > 1 and (steps * seconds > BLOCK_SECONDS or steps * values > MAX_BLOCK_VALUES):
        steps //= 2
    return steps


def digest(document: dict[str, Any]) -> str:
    """SHA-256 of a resolved document's canonical JSON, keys in order and no white space, without its labels.

    >>> digest({"training": {"seed": 1}, "name": "a"}) == digest({"name": "b", "training": {"seed": 1}})
    True
    """
    decisive = _as_before({name: value for name, value in document.items() if name not in LABELS})
    return hashlib.sha256(json.dumps(decisive, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _as_before(value: Any) -> Any:
    """Plain JSON without the fields of `ADDED` that change nothing: as a document of an earlier release has it."""
    if isinstance(value, dict):
        kept = {name: each for name, each in value.items() if name not in ADDED or each != ADDED[name]}
        return {name: _as_before(each) for name, each in kept.items()}
    return [_as_before(each) for each in value] if isinstance(value, list) else value
