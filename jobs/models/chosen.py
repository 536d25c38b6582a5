"""Which of the networks that a job has stored is asked for, and that network with all that it takes to ask it."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.catalogue import CATALOGUE
from jobs.datasets.preprocessing import Preprocessing
from jobs.datasets.uploaded import arrays_of
from jobs.errors import DamagedObject, DatasetUnavailable, NoBest, NoPreprocessing, NoWeightsYet
from jobs.lifecycle import artifacts, datasets
from jobs.lifecycle.artifacts import Artifact, Kind
from jobs.lifecycle.job import Job, Status
from jobs.lifecycle.lookup import get_within, not_there
from jobs.models.model import Model
from jobs.models.weights import BEST, NETWORK, checkpoint_state, tensors_under
from jobs.spec.inputs import found_preprocessing, training_parts
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects

Checkpoint = Literal["final", "best", "last"]
"""final: the trained network; of a job that is not there yet, or never will be, as its newest checkpoint has it.
best: as it was at its best evaluation, where the job keeps that.
last: the newest that there is.
"""

SOURCES: dict[Checkpoint, tuple[Kind, ...]] = {
    "final": ("weights", "checkpoint"),
    "best": ("best", "checkpoint"),
    "last": ("weights", "checkpoint"),  # the weights come after every checkpoint
}
"""What has it, where there are several the first of these."""

WAITS: dict[Status, str] = {
    Status.QUEUED: "it is queued: wait until it runs, and for its first checkpoint",
    Status.RUNNING: "it is running: wait for its first checkpoint",
    Status.PAUSED: "it is paused: resume it, and wait for its first checkpoint",
    Status.FAILED: "it failed before its first checkpoint: retry it",
    Status.CANCELLED: "it was cancelled before its first checkpoint: retry it",
}


def model_of(database: Database, objects: Objects, job: Job, checkpoint: Checkpoint, data_folder: Path) -> Model:
    """The job's network as it is asked for. Raises as `tensors_of` does, and NoPreprocessing.

    data_folder: where datasets of the catalogue are, for what jobs of earlier releases have not recorded.
    """
    step, tensors = tensors_of(database, objects, job, checkpoint)
    resolved = job.resolved
    preprocessing = _preprocessing(database, objects, job, data_folder)
    return Model(job.id, step, resolved.plan, tensors, preprocessing, _classes(database, job))


def tensors_of(
    database: Database, objects: Objects, job: Job, checkpoint: Checkpoint
) -> tuple[int, dict[str, NDArray[Any]]]:
    """The step of the job's network that is asked for, and its weights and buffers.

    Raises as `artifact_of` does, and DamagedObject.
    """
    artifact = artifact_of(database, job, checkpoint)
    while True:
        try:
            return network_in(job, artifact, checkpoint, objects.read(artifact.stored))
        except DamagedObject:  # a training that goes on replaces its checkpoints
            before, artifact = artifact, artifact_of(database, job, checkpoint)
            if artifact == before:
                raise


def artifact_of(database: Database, job: Job, checkpoint: Checkpoint) -> Artifact:
    """The object that has the job's network as it is asked for: weights, or a checkpoint.

    Raises NoWeightsYet before the first checkpoint, NoBest where the best network is asked for and there is none, and
    NotFound where the job was deleted since it was looked up.
    """
    if checkpoint == "best" and job.resolved.document["evaluation"].get("keep") != "best":
        raise NoBest(f"job {job.id} keeps its last network alone: its document has evaluation.keep 'final', not 'best'")
    with database.read() as connection:
        status = get_within(connection, job.id).status
        newest = {each.kind: each for each in reversed(artifacts.of_job(connection, job.id))}
    if checkpoint == "best" and "weights" in newest and "best" not in newest:
        raise _nothing_best(job)
    found = next((newest[kind] for kind in SOURCES[checkpoint] if kind in newest), None)
    if found is None:
        raise NoWeightsYet(f"job {job.id} has no weights yet; {WAITS[status]}")
    return found


def network_in(
    job: Job, artifact: Artifact, checkpoint: Checkpoint, data: memoryview
) -> tuple[int, dict[str, NDArray[Any]]]:
    """The step of the network that is asked for, and its tensors, in the bytes of that object. Raises NoBest."""
    if artifact.kind != "checkpoint":
        return artifact.step, tensors_under(data)
    if checkpoint != "best":
        return artifact.step, tensors_under(data, NETWORK)
    tensors = tensors_under(data, BEST)
    if not tensors:
        raise _nothing_best(job)
    return checkpoint_state(data)["standing"]["best"]["step"], tensors


def _nothing_best(job: Job) -> NoBest:
    return NoBest(f"job {job.id} has no best network: until what it has stored, no evaluation had a finite value")


def _preprocessing(database: Database, objects: Objects, job: Job, data_folder: Path) -> Preprocessing:
    """As the training recorded it, or, of an earlier release's job, worked out from its dataset as that did."""
    recorded, data = job.preprocessing, job.resolved.spec.data
    if recorded is not None:
        found = Preprocessing(recorded["binarize"], tuple(recorded["shift"]), tuple(recorded["scale"]))
        return replace(found, matrix=_matrix(database, objects, job)) if data.normalize == "whiten" else found
    dataset = job.resolved.dataset
    try:
        arrays = arrays_of(dataset, data_folder, objects)
    except DatasetUnavailable as error:
        if not dataset.kept:
            raise
        told = f"job {job.id} is of an earlier release, which has not recorded what its network is given of its inputs"
        raise NoPreprocessing(f"{told}: that is found in its dataset, and {error}") from None
    train, _ = training_parts(arrays, data)
    return found_preprocessing(train, data)


def _matrix(database: Database, objects: Objects, job: Job) -> NDArray[np.float32]:
    """The one that the job's start was recorded with; it stays as long as the job. Raises NotFound."""
    kept = artifacts.of_kind(database, "whitening", [job.id])
    if job.id not in kept:
        with database.read() as connection:
            raise not_there(connection, job.id)
    matrix: NDArray[np.float32] = np.load(io.BytesIO(objects.read(kept[job.id])), allow_pickle=False)
    return matrix


def _classes(database: Database, job: Job) -> tuple[str, ...]:
    """As the dataset calls them; of one that was deleted, their numbers."""
    dataset = job.resolved.dataset
    if dataset.name in CATALOGUE:
        return CATALOGUE[dataset.name].labels
    uploaded = datasets.find(database, dataset.name)
    if uploaded is not None and uploaded.kept == dataset.kept:
        return uploaded.found.classes
    return tuple(map(str, range(dataset.classes)))
