"""Which stored network is the one that is asked for, and what it comes with."""

import io
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save

from jobs.datasets.catalogue import CATALOGUE
from jobs.datasets.files import File
from jobs.datasets.loading import load
from jobs.datasets.preprocessing import Preprocessing
from jobs.errors import DamagedObject, Gone, NoBest, NoPreprocessing, NoWeightsYet
from jobs.lifecycle import artifacts, attempts, checkpoints, clients, datasets, lookup, retries
from jobs.lifecycle.artifacts import Artifact, Kind
from jobs.lifecycle.job import Ended, Status
from jobs.models.chosen import Checkpoint, artifact_of, model_of, tensors_of
from jobs.storage import keys
from jobs.storage.database import Database
from jobs.storage.objects.folder import Folder
from jobs.storage.objects.protocol import Objects, Stored
from tests.jobs.lifecycle.test_clients import in_status
from tests.support import own_data
from tests.support.documents import resolved
from tests.support.running_jobs import AS_STORED, Run
from worker.record.checkpoint import Snapshot, encode
from worker.train.selection import Best, Standing
from worker.train.state import prepare_run

KEEPS_BEST = {"evaluation": {"every": 5, "keep": "best"}}


def network(value: float) -> dict[str, torch.Tensor]:
    return {"a.weight": torch.full((2, 3), value), "a.count": torch.tensor(7)}


def keep(run: Run, kind: Kind, step: int, data: bytes) -> Artifact:
    """Make these bytes one of the job's artifacts."""
    kept = Artifact(kind, step, run.objects.put(f"{keys.of_attempt(run.job.id, 1)}/{step}.{kind}", data))
    with run.database.write() as connection:
        artifacts.keep(connection, run.job.id, kept)
    return kept


def checkpoint(run: Run, step: int, *, best: Best | None = None) -> Artifact:
    """Keep a checkpoint whose network has its step as weights; the best one had that of its own."""
    parts = {"network.": network(step), "optimizer.": {"a.weight": torch.ones(2, 3)}}
    if best is not None:
        parts["best."] = network(best.step)
    tensors = {f"{prefix}{name}": each for prefix, part in parts.items() for name, each in part.items()}
    return keep(run, "checkpoint", step, encode(Snapshot(step, tensors, Standing(best=best)), {}))


def chosen(run: Run, which: Checkpoint) -> tuple[int, float]:
    """The step of the network that is chosen, and what its weights are."""
    step, tensors = tensors_of(run.database, run.objects, run.job, which)
    assert list(tensors) == ["a.count", "a.weight"]
    assert tensors["a.count"] == 7
    assert tensors["a.weight"].shape == (2, 3)
    return step, float(tensors["a.weight"][1, 2])


@pytest.mark.parametrize("which", ["final", "last"])
def test_until_a_job_has_its_weights_the_newest_checkpoint_stands_for_them(run: Run, which: Checkpoint) -> None:
    checkpoint(run, 4)
    checkpoint(run, 8)
    assert chosen(run, which) == (8, 8.0)
    keep(run, "weights", 10, save(network(10)))
    assert chosen(run, which) == (10, 10.0)


def test_the_best_network_is_that_of_the_newest_checkpoint_until_it_is_kept_by_itself(
    new_run: Callable[..., Run],
) -> None:
    run = new_run(**KEEPS_BEST)
    checkpoint(run, 8, best=Best(5, 0.5))
    assert chosen(run, "best") == (5, 5.0)
    keep(run, "weights", 10, save(network(10)))
    keep(run, "best", 9, save(network(9)))
    assert chosen(run, "best") == (9, 9.0)


def test_a_job_that_keeps_its_last_network_has_no_best_one(run: Run) -> None:
    keep(run, "weights", 10, save(network(10)))
    with pytest.raises(NoBest, match=r"evaluation\.keep 'final'"):
        artifact_of(run.database, run.job, "best")


@pytest.mark.parametrize("kind", ["checkpoint", "weights"])
def test_where_nothing_was_evaluated_there_is_no_best_network(new_run: Callable[..., Run], kind: Kind) -> None:
    run = new_run(**KEEPS_BEST)
    if kind == "checkpoint":
        checkpoint(run, 4)
    else:
        checkpoint(run, 4, best=Best(2, 0.5))
        keep(run, "weights", 10, save(network(10)))
    with pytest.raises(NoBest, match="no evaluation"):
        tensors_of(run.database, run.objects, run.job, "best")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status.QUEUED, "wait until it runs"),
        (Status.RUNNING, "wait for its first checkpoint"),
        (Status.PAUSED, "resume it"),
        (Status.FAILED, "retry it"),
        (Status.CANCELLED, "retry it"),
    ],
)
def test_before_the_first_checkpoint_it_is_said_what_to_wait_for(database: Database, status: Status, told: str) -> None:
    job = lookup.get(database, in_status(database, status))
    with pytest.raises(NoWeightsYet, match=told):
        artifact_of(database, job, "final")


def when_read(run: Run, then: Callable[[], object]) -> Run:
    """The same job in a store that lets something happen once, before an object is read."""
    left = [then]

    class Store(Folder):
        def read(self, stored: Stored, *, afresh: bool = False) -> memoryview:
            if left:
                left.pop()()
            return super().read(stored, afresh=afresh)

    assert isinstance(run.objects, Folder)
    return replace(run, objects=Store(run.objects.root))


def test_a_checkpoint_that_is_replaced_while_it_is_read_is_looked_for_again(run: Run) -> None:
    old = checkpoint(run, 4)

    def go_on() -> None:
        checkpoint(run, 8)
        run.objects.delete(old.stored.key)

    assert chosen(when_read(run, go_on), "final") == (8, 8.0)


def test_a_checkpoint_that_is_gone_while_the_job_names_it_is_damage(run: Run) -> None:
    run.objects.delete(checkpoint(run, 4).stored.key)
    with pytest.raises(DamagedObject):
        chosen(run, "final")


def test_of_a_job_that_is_deleted_while_it_is_read_this_is_said(run: Run) -> None:
    checkpoint(run, 4)
    attempts.end(run.database, run.hold, Ended("cancelled"))
    with pytest.raises(Gone):
        chosen(when_read(run, lambda: clients.remove(run.database, run.objects, run.job.id)), "final")


def test_a_model_has_what_its_training_found_in_its_dataset(run: Run, tmp_path: Path) -> None:
    checkpoint(run, 4)
    found = Preprocessing(True, (0.25,), (2.0,))
    attempts.record_start(run.database, run.hold, "cpu", {}, found)
    model = model_of(run.database, run.objects, lookup.get(run.database, run.job.id), "final", tmp_path)
    assert (model.job_id, model.step, model.preprocessing) == (run.job.id, 4, found)
    assert model.plan == run.job.resolved.plan
    assert model.classes == CATALOGUE["synthetic"].labels


def test_a_retry_that_waits_has_the_checkpoint_of_its_parent_and_what_that_found(run: Run, tmp_path: Path) -> None:
    checkpoint(run, 4)
    found = Preprocessing(True, (0.25,), (2.0,))
    attempts.record_start(run.database, run.hold, "cpu", {}, found)
    attempts.end(run.database, run.hold, Ended("cancelled"))
    child = retries.retry(run.database, run.objects, run.job.id, from_checkpoint=True)
    model = model_of(run.database, run.objects, child, "final", tmp_path)
    assert (model.job_id, model.step, model.preprocessing) == (child.id, 4, found)


def test_a_model_whitens_by_the_matrix_of_its_training_and_a_retry_by_its_parents(
    new_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = new_run(data={"dataset": "synthetic", "normalize": "whiten"})
    checkpoint(run, 4)
    matrix = np.arange(9, dtype=np.float32).reshape(3, 3)
    np.save(file := io.BytesIO(), matrix)
    kept = Artifact("whitening", 0, run.objects.put(keys.of_whitening(run.job.id, 1), file.getvalue()))
    found = Preprocessing(False, (0.25,) * 3, (2.0,) * 3, matrix)
    attempts.record_start(run.database, run.hold, "cpu", {}, found, whitening=kept)
    checkpoints.go_back(run.database, run.hold, 4)
    job = lookup.get(run.database, run.job.id)
    attempts.end(run.database, run.hold, Ended("cancelled"))
    child = retries.retry(run.database, run.objects, run.job.id, from_checkpoint=True)
    for each in (job, child):
        model = model_of(run.database, run.objects, each, "final", tmp_path)
        assert model.preprocessing.matrix is not None
        assert model.preprocessing.matrix.tolist() == matrix.tolist()
        assert model.preprocessing.shift == found.shift


def test_of_an_earlier_releases_job_it_is_found_anew_as_the_training_found_it(
    new_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = new_run(data={"dataset": "synthetic", "normalize": "standardize", "train_samples": 500, "validation": 0.2})
    checkpoint(run, 4)
    model = model_of(run.database, run.objects, run.job, "final", tmp_path)
    trained = prepare_run(run.job.resolved, torch.device("cpu"), load("synthetic", tmp_path))
    rounded = (np.float32(getattr(model.preprocessing, name)[0]) for name in ("shift", "scale"))
    assert tuple(rounded) == (*trained.preprocessing.shift, *trained.preprocessing.scale)


def test_of_an_earlier_releases_job_whose_dataset_was_deleted_nobody_knows(
    new_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = new_run()
    checkpoint(run, 4)
    uploaded = replace(run.job.resolved.dataset, name="mine", kept="0kept", files=(File("train_images.npy", 1, "0"),))
    job = replace(run.job, resolved=replace(run.job.resolved, dataset=uploaded))
    with pytest.raises(NoPreprocessing, match="dataset 'mine' is not here"):
        model_of(run.database, run.objects, job, "final", tmp_path)
    known = replace(job, preprocessing=asdict(AS_STORED))
    assert model_of(run.database, run.objects, known, "final", tmp_path).classes == tuple("0123456789")


def test_classes_are_called_as_the_dataset_calls_them_for_as_long_as_it_is_there(
    database: Database, objects: Objects, tmp_path: Path
) -> None:
    uploaded = own_data.put(database, objects, classes=("cat", "dog"))
    asked = resolved(uploaded.dataset, data={"dataset": "own", "batch_size": 5}, recording={"probe_size": 5})
    run = Run(database, objects, lookup.get(database, clients.submit(database, asked).id))
    checkpoint(run, 4)
    run = replace(run, job=replace(run.job, preprocessing=asdict(AS_STORED)))
    assert model_of(database, objects, run.job, "final", tmp_path).classes == ("cat", "dog")
    clients.ask(database, run.job.id, "cancel")
    datasets.remove(database, objects, "own")
    assert model_of(database, objects, run.job, "final", tmp_path).classes == ("0", "1")
    own_data.put(database, objects, classes=("no", "yes"))
    assert model_of(database, objects, run.job, "final", tmp_path).classes == ("0", "1")
