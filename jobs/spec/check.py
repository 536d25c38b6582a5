"""Checks a job document to the last layer before anything runs, and resolves it."""

from collections.abc import Iterator
from typing import Any, TypeVar

from bn.architecture.plan import Plan, ShapeError, Underivable
from jobs.datasets.catalogue import Dataset
from jobs.errors import BnlabError, FieldError, InvalidSpec, NoBest
from jobs.sentences import suggestion
from jobs.spec import json_text
from jobs.spec.document import BINARIZED, DEFAULT_PROBE, DEFAULT_STEPS, Data, JobSpec, Labels
from jobs.spec.engines import choose
from jobs.spec.evaluations import DEFAULT_EVERY
from jobs.spec.fits import misfits, never
from jobs.spec.initial import unfit
from jobs.spec.known import Known
from jobs.spec.pointers import Place
from jobs.spec.problems import bounded, several_lines, validated
from jobs.spec.resolved import LABELS, Resolved, batches, block_steps, digest, num_training, plan_of
from jobs.spec.training import goal_of
from jobs.spec.warnings import warnings

Labelled = TypeVar("Labelled", bound=Labels)

OF_EXPERIMENTS = frozenset({"base", "variants", "grid"})
"""Fields that no job has, and that say what else a document is."""

AN_EXPERIMENT = "this is an experiment: post it to /experiments, or give it to 'bnlab experiment submit'"


def check(body: bytes | str, known: Known) -> Resolved:
    """Read a job document and resolve its defaults. Raises InvalidSpec, with a pointer to each field at fault."""
    return resolve(parse(body), known)


def resolve(spec: JobSpec, known: Known) -> Resolved:
    """The document with its defaults resolved, once its network and its data are found to fit. Raises InvalidSpec."""
    dataset = _dataset(spec, known)
    asked = _for_dataset(spec, dataset)
    network = _network(asked, dataset)
    if errors := tuple(misfits(asked, dataset, network, known.settings)):
        raise InvalidSpec(errors)
    asked = _started(asked, network, known)
    steps = _steps(asked, dataset)
    if steps > known.settings.max_steps:
        raise InvalidSpec((FieldError("/training", f"{steps} steps are over the cap of {known.settings.max_steps}"),))
    training = asked.training.model_copy(update={"steps": steps, "epochs": None})
    whole = asked.model_copy(update={"training": training})
    if errors := tuple(never(whole)):
        raise InvalidSpec(errors)
    document = whole.model_dump(mode="json")
    most = block_steps(network, whole.data.batch_size)
    resolved = Resolved(document, dataset, digest(document), most, warnings=tuple(warnings(whole, network)))
    vars(resolved).update(spec=whole, plan=network)  # its cached properties, which are known by now
    return resolved.taken_by(choose(whole.resources.engine, network, whole.data.batch_size, steps))


def parse(body: bytes | str) -> JobSpec:
    """The document as it stands, its fields checked one by one. Raises InvalidSpec."""
    document = json_text.read(body)
    if isinstance(document, dict) and document.keys() & OF_EXPERIMENTS:
        raise InvalidSpec((FieldError("", AN_EXPERIMENT),))
    return spec_of(document)


def spec_of(document: Any) -> JobSpec:
    """The same of a document that is no text any more. Raises InvalidSpec."""
    return _in_one_line(validated(JobSpec, document, free=("metadata",)))


def labels_of(document: Any) -> Labels:
    """The labels of a document that has nothing else. Raises InvalidSpec."""
    fixed = [name for name in document if name in JobSpec.model_fields and name not in LABELS]
    if fixed:
        told = f"is fixed since the job was submitted; to be changed there is: {', '.join(Labels.model_fields)}"
        raise InvalidSpec(bounded(((name,), told) for name in fixed))
    return _in_one_line(validated(Labels, document, free=("metadata",)))


def _in_one_line(labels: Labelled) -> Labelled:
    """The same, once its name and each of its tags are found to stand in one line."""
    tags: Iterator[tuple[Place, str]] = ((("tags", i), tag) for i, tag in enumerate(labels.tags))
    if wrong := bounded(several_lines(((("name",), labels.name or ""), *tags))):
        raise InvalidSpec(wrong)
    return labels


def _for_dataset(spec: JobSpec, dataset: Dataset) -> JobSpec:
    """The document with every default that is another one for another dataset, or follows from other fields."""
    evaluation, recording, training = spec.evaluation, spec.recording, spec.training
    every = None if evaluation.growth else evaluation.every or DEFAULT_EVERY
    probe_size = recording.probe_size or min(DEFAULT_PROBE, dataset.test)
    stop = training.stop and training.stop.model_copy(
        update={"goal": goal_of(training.stop.metric, training.stop.goal)}
    )
    return spec.model_copy(
        update={
            "data": data_of(spec.data, dataset),
            "evaluation": evaluation.model_copy(update={"every": every}),
            "recording": recording.model_copy(update={"probe_size": probe_size}),
            "training": training.model_copy(update={"stop": stop}),
        }
    )


def data_of(data: Data, dataset: Dataset) -> Data:
    """The same data with what depends on the dataset.

    >>> letters = Dataset("letters", (1, 28, 28), 26, 520, 260)
    >>> resolved = data_of(Data(dataset="letters"), letters)
    >>> resolved.binarize, resolved.normalize
    (False, 'standardize')
    """
    binarize = dataset.name == BINARIZED if data.binarize is None else data.binarize
    normalize = data.normalize or ("none" if binarize else "standardize")
    return data.model_copy(
        update={"sha256": data.sha256 or dataset.sha256 or None, "binarize": binarize, "normalize": normalize}
    )


def _dataset(spec: JobSpec, known: Known) -> Dataset:
    name = spec.data.dataset
    dataset = known.dataset(name)
    if dataset is None:
        told = f"unknown dataset '{name}'{suggestion(name, known.datasets())}"
        raise InvalidSpec((FieldError("/data/dataset", f"{told}; there is: {', '.join(known.datasets())}"),))
    return dataset


def _network(spec: JobSpec, dataset: Dataset) -> Plan:
    try:
        return plan_of(spec, dataset)
    except ShapeError as error:
        path = "".join(f"/{part}" for part in error.place)
        pointer = f"/architecture/layers{path}" if hasattr(spec.architecture, "layers") else "/architecture"
        raise InvalidSpec((FieldError(pointer, str(error)),)) from None
    except Underivable as error:
        raise InvalidSpec((FieldError("/architecture", str(error)),)) from None


def _started(spec: JobSpec, network: Plan, known: Known) -> JobSpec:
    """The document with the stored network that it starts from, once that is found to fit."""
    initial = spec.initial
    if initial is None:
        return spec
    try:
        source = known.weights(initial)
    except InvalidSpec:
        raise
    except BnlabError as error:
        field = "checkpoint" if isinstance(error, NoBest) else "job"
        raise InvalidSpec((FieldError(f"/initial/{field}", str(error)),)) from None
    if errors := tuple(unfit(initial, source, network, spec.training)):
        raise InvalidSpec(bounded((tuple(each.pointer.split("/")[1:]), each.message) for each in errors))
    step = source.step + source.steps_before
    if initial.step not in (None, step):
        raise InvalidSpec((FieldError("/initial/step", f"that network is of step {step}: null takes what it has"),))
    found = initial.model_copy(update={"sha256": source.sha256, "step": step})
    return spec.model_copy(update={"initial": found})


def _steps(spec: JobSpec, dataset: Dataset) -> int:
    """The number of steps, of which a document may say how many epochs instead."""
    an_epoch = batches(num_training(spec.data, dataset), spec.data.batch_size)
    return spec.training.epochs * an_epoch if spec.training.epochs else spec.training.steps or DEFAULT_STEPS
