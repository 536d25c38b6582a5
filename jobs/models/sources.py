"""The stored network that a job document names to start from, with its tensors' shapes and what trained it."""

import numpy as np

from jobs.errors import InvalidSpec, NoWeightsYet
from jobs.lifecycle import artifacts, lookup
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.job import Job
from jobs.models.chosen import artifact_of
from jobs.models.weights import BEST, NETWORK, checkpoint_state, header_of, tensors_under
from jobs.spec.initial import Initial, StoredNetwork
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects


def source_of(database: Database, objects: Objects, initial: Initial) -> StoredNetwork:
    """The network that a document names. Raises NotFound, Gone, NoWeightsYet, NoBest and DamagedObject."""
    job = lookup.get(database, initial.job)
    artifact = _artifact(database, job, initial)
    data = objects.read(artifact.stored)
    is_checkpoint, step = "__metadata__" in header_of(data)[0], artifact.step
    tensors = tensors_under(data, (BEST if initial.checkpoint == "best" else NETWORK) if is_checkpoint else "")
    if is_checkpoint and initial.checkpoint == "best":
        best = checkpoint_state(data)["standing"]["best"]
        if best is None or not tensors:
            raise NoWeightsYet(f"job {job.id} has no best network yet: wait for its next checkpoint")
        step = best["step"]
    trained_by = job.resolved.spec.training if is_checkpoint and initial.checkpoint != "best" else None
    return StoredNetwork(
        step=step,
        sha256=artifact.stored.sha256,
        shapes={name: tensor.shape for name, tensor in tensors.items()},
        training=trained_by,
        steps_before=_steps_before(job),
        non_finite=next((name for name, tensor in tensors.items() if not np.isfinite(tensor).all()), None),
    )


def _steps_before(job: Job) -> int:
    """How many steps that job itself went on behind."""
    try:
        initial = job.resolved.spec.initial
    except InvalidSpec:
        return 0
    return initial.steps_before if initial else 0


def _artifact(database: Database, job: Job, initial: Initial) -> Artifact:
    """That of the digest, where the document has one; else the one that is asked for now."""
    if initial.sha256 is not None:
        found = artifacts.of_digest(database, job.id, initial.sha256)
        if found is None:
            told = f"job {job.id} has no weights of SHA-256 {initial.sha256}, or not any more"
            raise NoWeightsYet(f'{told}; say "sha256": null to start from what it has now')
        return found
    chosen = artifact_of(database, job, initial.checkpoint)
    if initial.optimizer == "reset" or initial.checkpoint == "best":
        return chosen
    return next((each for each in artifacts.of(database, job.id) if _remembers(each, chosen.step)), chosen)


def _remembers(artifact: Artifact, step: int) -> bool:
    """Whether it is the run as it was after that step, optimizer included."""
    return artifact.kind == "checkpoint" and artifact.step == step
