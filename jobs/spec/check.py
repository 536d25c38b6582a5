"""Checks a job document to the last layer before anything runs, and resolves it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from bn.architecture.measures import DiagnosticName, has_batch_norm, measures_something, num_weighted
from bn.architecture.plan import Plan, ShapeError, Underivable, plan
from jobs.datasets.catalogue import CATALOGUE, Dataset
from jobs.datasets.files import way_out
from jobs.datasets.loading import available
from jobs.errors import FieldError, InvalidSpec
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.spec import json_text
from jobs.spec.document import DEFAULT_STEPS, JobSpec
from jobs.spec.pointers import Place
from jobs.spec.problems import bounded, several_lines, validated

EVALUATION_BATCH = 1000  # examples; the result is a sum over them, so it is part of what a run is
MAX_BLOCK_STEPS = 64
MAX_BLOCK_VALUES = 2**26  # of the inputs that are gathered for a Block: 256 MB
BLOCK_SECONDS = 0.25  # how long a Block should take, by the estimate below
STEP_SECONDS = 1e-3  # estimate of what a step takes at the least
NAMED = 5  # layers in a warning
MEASURE_MINUTES = 30  # of a core that one measure may take, by the estimate below
FLOPS = 20e9  # estimate of what one core does a second


@dataclass(frozen=True)
class Accepted:
    """A document that can be run: `spec` is resolved, its sha256 that of its canonical JSON."""

    spec: JobSpec
    sha256: str
    block_steps: int
    warnings: tuple[str, ...]


def check(body: bytes | str, settings: Settings) -> Accepted:
    """Read a job document and resolve its defaults. Raises InvalidSpec, with a pointer to each field at fault."""
    return accept(parse(body), settings)


def accept(spec: JobSpec, settings: Settings) -> Accepted:
    """The document with its defaults resolved, once its network and its data are found to fit. Raises InvalidSpec."""
    dataset = CATALOGUE.get(spec.data.dataset)
    if dataset is None:
        known = ", ".join(CATALOGUE)
        raise InvalidSpec((FieldError("/data/dataset", f"unknown dataset '{spec.data.dataset}'; there is: {known}"),))
    try:
        network = plan_of(spec)
    except ShapeError as error:
        path = "".join(f"/{part}" for part in error.place)
        pointer = f"/architecture/layers{path}" if hasattr(spec.architecture, "layers") else "/architecture"
        raise InvalidSpec((FieldError(pointer, str(error)),)) from None
    except Underivable as error:
        raise InvalidSpec((FieldError("/architecture", str(error)),)) from None
    if errors := tuple(_misfits(spec, dataset, network, settings)):
        raise InvalidSpec(errors)
    resolved = _resolve(spec, dataset)
    if resolved.steps > settings.max_steps:
        raise InvalidSpec(
            (FieldError("/training", f"{resolved.steps} steps are over the cap of {settings.max_steps}"),)
        )
    return Accepted(
        resolved, digest(resolved), block_steps(network, spec.data.batch_size), tuple(_warnings(spec, network))
    )


def parse(body: bytes | str) -> JobSpec:
    """The document as it stands, its fields checked one by one. Raises InvalidSpec."""
    return spec_of(json_text.read(body))


def spec_of(document: Any) -> JobSpec:
    """The same of a document that is no text any more. Raises InvalidSpec."""
    spec = validated(JobSpec, document, free=("metadata",))
    tags: Iterator[tuple[Place, str]] = ((("tags", i), tag) for i, tag in enumerate(spec.tags))
    if wrong := bounded(several_lines(((("name",), spec.name or ""), *tags))):
        raise InvalidSpec(wrong)
    return spec


def missing_dataset(spec: JobSpec, data_folder: Path) -> FieldError | None:
    """What is wrong where the job's dataset is not in the data folder, with the command that brings it."""
    name = spec.data.dataset
    if available(name, data_folder):
        return None
    return FieldError("/data/dataset", f"dataset '{name}' is not in the data folder; run: {way_out(name, data_folder)}")


def plan_of(spec: JobSpec) -> Plan:
    """The network of a job, laid out for its dataset. Raises ShapeError."""
    dataset = CATALOGUE[spec.data.dataset]
    return plan(spec.architecture, spec.normalization, dataset.shape, dataset.classes)


def diagnostics_of(spec: JobSpec) -> tuple[DiagnosticName, ...]:
    """The diagnostics that a job asks for and that measure something in its network."""
    network = plan_of(spec)
    return tuple(asked.name for asked in spec.recording.diagnostics if measures_something(asked.name, network))


def stored_spec(job: Job) -> JobSpec:
    """The specification of a job, from its row."""
    return JobSpec.model_validate_json(json.dumps(job.spec))


def last_batch(spec: JobSpec) -> int:
    """The number of examples in the last batch of an epoch."""
    examples = spec.data.train_samples or CATALOGUE[spec.data.dataset].train
    return examples % spec.data.batch_size or spec.data.batch_size


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


def digest(spec: JobSpec) -> str:
    """SHA-256 of the document's canonical JSON: keys in order, no white space."""
    canonical = json.dumps(spec.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _resolve(spec: JobSpec, dataset: Dataset) -> JobSpec:
    examples = spec.data.train_samples or dataset.train
    batches = -(-examples // spec.data.batch_size)
    steps = spec.training.epochs * batches if spec.training.epochs else spec.training.steps or DEFAULT_STEPS
    training = spec.training.model_copy(update={"steps": steps, "epochs": None})
    return spec.model_copy(update={"training": training})


def _misfits(spec: JobSpec, dataset: Dataset, network: Plan, settings: Settings) -> Iterator[FieldError]:
    last = network.layers[-1]
    if network.output != (dataset.classes,):
        needs = f"[{dataset.classes}]: one value for each class of '{dataset.name}'"
        yield FieldError("/architecture", f"the last layer, '{last.name}', gives {list(network.output)}; needs {needs}")
    if network.parameters > settings.max_parameters:
        message = f"{network.parameters} parameters are over the cap of {settings.max_parameters}"
        yield FieldError("/architecture", message)
    examples = spec.data.train_samples or dataset.train
    if examples > dataset.train:
        yield FieldError(
            "/data/train_samples", f"'{dataset.name}' has {dataset.train} training examples, not {examples}"
        )
    if spec.data.batch_size > examples:
        yield FieldError("/data/batch_size", f"{spec.data.batch_size} is more than the {examples} training examples")
    if spec.recording.probe_size > dataset.test:
        yield FieldError("/recording/probe_size", f"'{dataset.name}' has only {dataset.test} test examples")
    widest = max(network.layers, key=lambda placed: prod(placed.output))
    evaluated = ("/architecture", "an evaluation", min(EVALUATION_BATCH, dataset.test))
    for pointer, what, number in (("/data/batch_size", "a batch", spec.data.batch_size), evaluated, *_probe(spec)):
        values = prod(widest.output) * number
        if values > settings.max_batch_values:
            message = f"layer '{widest.name}' would give {values} values for the {number} examples of {what}"
            yield FieldError(pointer, f"{message}, over the cap of {settings.max_batch_values}")
    yield from _starved(spec, network)
    yield from _unmeasurable(spec, network)


def _starved(spec: JobSpec, network: Plan) -> Iterator[FieldError]:
    """BN that would see a single value a channel: its output would be beta whatever comes in."""
    batch, last = ("/data/batch_size", "the batch"), ("/data/batch_size", "the last batch of an epoch")
    for pointer, which, number in ((*batch, spec.data.batch_size), (*last, last_batch(spec)), *_probe(spec)):
        for placed in network.layers:
            options = placed.normalization
            if options is not None and not options.frozen and number * prod(placed.output[1:]) == 1:
                message = f"{which} has 1 example: batch normalization at '{placed.name}' would see one value a channel"
                yield FieldError(pointer, f"{message}; take another size")
                return


def _unmeasurable(spec: JobSpec, network: Plan) -> Iterator[FieldError]:
    """Statistics that there are none of, and the diagnostic whose cost grows with the square of the depth."""
    options = spec.normalization
    if options is not None and options.population != "running" and not has_batch_norm(network):
        message = f"'{options.population}' has nothing to measure: no batch normalization of this network moves"
        yield FieldError("/batch_norm/population", f"{message}; say 'running'")
    passes = num_weighted(network) + 2  # that covariate_shift takes of its batch: one for each layer
    minutes = passes * 6 * network.multiply_adds * spec.data.batch_size / FLOPS / 60
    for i, asked in enumerate(spec.recording.diagnostics):
        if asked.name == "covariate_shift" and minutes > MEASURE_MINUTES:
            message = f"{passes} passes of {spec.data.batch_size} examples would take a core {minutes:.0f} minutes"
            cap = f"or so each time, over the cap of {MEASURE_MINUTES}; take a smaller batch or network"
            yield FieldError(f"/recording/diagnostics/{i}", f"{message} {cap}")


def _probe(spec: JobSpec) -> tuple[tuple[str, str, int], ...]:
    """The probe as one more batch, where there is one."""
    return (("/recording/probe_size", "the probe", spec.recording.probe_size),) if spec.recording.units else ()


def _warnings(spec: JobSpec, network: Plan) -> Iterator[str]:
    if dropped := network.dropped_biases:
        rest = f" and {len(dropped) - NAMED} more" if len(dropped) > NAMED else ""
        names = ", ".join(dropped[:NAMED]) + rest
        yield f"no bias at {names}: batch normalization behind it would take it away again"
    if spec.normalization is not None and all(placed.normalization is None for placed in network.layers):
        yield "batch_norm changes nothing: it normalizes at nonlinearities, and this network has none"
    for diagnostic in spec.recording.diagnostics:
        if not measures_something(diagnostic.name, network):
            yield f"diagnostic '{diagnostic.name}' measures nothing: this network has not what it is of"
