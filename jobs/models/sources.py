"""The stored network that a job document names to start from, with its tensors' shapes and what trained it."""

import numpy as np

from jobs.errors import FieldError, InvalidSpec
from jobs.lifecycle import artifacts, lookup
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.job import Job
from jobs.models.chosen import SOURCES, artifact_of, network_in
from jobs.spec.initial import Initial, StoredNetwork
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects


def source_of(database: Database, objects: Objects, initial: Initial) -> StoredNetwork:
    """The network that a document names.

    Raises InvalidSpec where its SHA-256 is of nothing that the job has, NotFound, Gone, NoWeightsYet, NoBest and
    DamagedObject.
    """
    job = lookup.get(database, initial.job)
    artifact = _artifact(database, job, initial)
    step, tensors = network_in(job, artifact, initial.checkpoint, objects.read(artifact.stored))
    remembers = artifact.kind == "checkpoint" and initial.checkpoint != "best"
    return StoredNetwork(
        step=step,
        sha256=artifact.stored.sha256,
        shapes={name: tensor.shape for name, tensor in tensors.items()},
        training=job.resolved.spec.training if remembers else None,
        steps_before=_steps_before(job),
        non_finite=next((name for name, tensor in tensors.items() if not np.isfinite(tensor).all()), None),
    )


def _steps_before(job: Job) -> int:
    """How many steps that job itself went on behind."""
    initial = job.resolved.spec.initial
    return initial.steps_before if initial else 0


def _artifact(database: Database, job: Job, initial: Initial) -> Artifact:
    """That of the digest, where the document has one; else the one that is asked for now."""
    if initial.sha256 is not None:
        found = artifacts.of_digest(database, job.id, initial.sha256, SOURCES[initial.checkpoint])
        if found is None:
            told = (
                f"job {job.id} has no '{initial.checkpoint}' network of this SHA-256 any more; null takes what it has"
            )
            raise InvalidSpec((FieldError("/initial/sha256", told),))
        return found
    chosen = artifact_of(database, job, initial.checkpoint)
    if initial.optimizer == "reset" or initial.checkpoint == "best":
        return chosen
    return next((each for each in artifacts.of(database, job.id) if _remembers(each, chosen.step)), chosen)


def _remembers(artifact: Artifact, step: int) -> bool:
    """Whether it is the run as it was after that step, optimizer included."""
    return artifact.kind == "checkpoint" and artifact.step == step
