"""A run that is stored and taken up again goes on bit for bit as if nothing had happened."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from jobs.errors import AttemptLost
from jobs.lifecycle import attempts, checkpoints, clients, lookup
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended
from jobs.lifecycle.workers import Worker
from jobs.series.format import schema
from jobs.series.format.manifest import read_manifest
from jobs.series.read.reader import View
from jobs.series.write.joining import delete_retired
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage import keys
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects
from jobs.storage.objects.protocol import Objects
from tests.support.disk import change
from tests.support.running_jobs import waits_are_over
from tests.support.small_runs import small_run
from worker.record.additions import additions
from worker.record.checkpoint import capture, encode, restore, resume
from worker.record.histograms import Ranges
from worker.record.recorder import Recorder
from worker.train.engines.eager import Eager
from worker.train.loop import blocks
from worker.train.state import Run, State, initial_state

CONVNET: list[dict[str, Any]] = [
    {"kind": "conv2d", "channels": 4, "kernel": 5, "stride": 2, "activation": "relu"},
    {"kind": "dropout", "rate": 0.3},
    {"kind": "flatten"},
    {"kind": "linear", "features": 10},
]
SCHEDULE = {"kind": "cosine", "warmup_steps": 5}
NETWORKS: dict[str, Any] = {
    "mlp": {"architecture": {"preset": "mlp", "hidden": [20, 20]}},
    "convnet with dropout": {"architecture": {"layers": CONVNET}},
    "resnet with augmentation": {"architecture": {"preset": "resnet", "depth": 20}},
}
OPTIMIZERS: dict[str, Any] = {
    "momentum": {"optimizer": {"kind": "momentum", "learning_rate": 0.01}},
    "adamw with a schedule": {"optimizer": {"kind": "adamw", "learning_rate": 0.001}, "schedule": SCHEDULE},
}
EPOCH = 8  # steps: 7 of 10 examples and one of 5
STEPS = 12


def run_of(network: str, optimizer: str) -> Run:
    data: dict[str, Any] = {"dataset": "synthetic", "batch_size": 10, "train_samples": 75}
    if "augmentation" in network:
        data["augment"] = {"shift": 2, "flip": True}
    return small_run(
        **NETWORKS[network],
        data=data,
        training={"steps": STEPS, **OPTIMIZERS[optimizer]},
        evaluation={"every": 7 if "resnet" not in network else STEPS},
        recording={"histograms_every": 3, "probe_every": 5, "probe_size": 20},
    )


def trained(run: Run, state: State, ranges: Ranges, stops: tuple[int, ...]) -> Iterator[tuple[int, bytes | None, Any]]:
    """Step, the run as it is stored where it is one of `stops`, and what was recorded: of each Block."""
    for block in blocks(run, state, Eager(run)):
        added, ranges = additions(run, [block], ranges)
        kept = encode(capture(run, state), ranges) if block.last in stops else None
        yield block.last, kept, added


def bits(parts: list[Any]) -> dict[str, Any]:
    """Every table's columns by name, as the bytes of their steps and values."""
    found: dict[str, list[schema.Rows]] = {}
    for added in parts:
        for table, rows in added:
            found.setdefault(table, []).append(rows)
    whole = {table: schema.concatenate(rows) for table, rows in found.items()}
    return {
        f"{table}.{name}": (rows.step.tobytes(), column.tobytes())
        for table, rows in whole.items()
        for name, column in rows.columns.items()
    }


def weights(state: State) -> dict[str, bytes]:
    return {name: tensor.numpy().tobytes() for name, tensor in state.learned.tensors.items()}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_wherever_a_run_is_interrupted_it_ends_with_the_same_bits(network: str, optimizer: str) -> None:
    run = run_of(network, optimizer)
    stops = (0, 1, EPOCH - 3, EPOCH, EPOCH + 1, STEPS)
    run = replace(run, resolved=replace(run.resolved, block_steps=1))  # a Block a step
    undisturbed = initial_state(run)
    steps, kept, parts = zip(*trained(run, undisturbed, {}, stops), strict=True)
    assert steps == tuple(range(STEPS + 1))
    for place, stop in enumerate(steps):
        if stop not in stops:
            continue
        state, ranges = restore(run, memoryview(kept[place]))
        assert state.step == stop
        rest = [added for _, _, added in trained(run, state, ranges, ())]
        assert bits([*parts[: place + 1], *rest]) == bits(list(parts)), stop
        assert weights(state) == weights(undisturbed), stop


def test_what_the_optimizer_remembers_keeps_its_layout_in_memory() -> None:
    run = run_of("convnet with dropout", "momentum")
    state = initial_state(run)
    *_, (_, kept, _) = trained(run, state, {}, (STEPS,))
    again, _ = restore(run, memoryview(kept or b""))
    velocities = (each.learned.memory["momentum_buffer"] for each in (state, again))
    for one, other in zip(*velocities, strict=True):
        assert one.stride() == other.stride()
        assert torch.equal(one, other)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    settings = Settings(data=tmp_path)
    with closing(open_database(settings)) as database:
        yield database


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return open_objects(Settings(data=tmp_path))


DOCUMENT = {"data": {"dataset": "synthetic"}, "training": {"steps": 200}, "evaluation": {"every": 50}}


def taken(database: Database) -> Hold:
    waits_are_over(database)
    job = attempts.claim(database, Worker("w", "here", 1, 1, ("cpu",), 0.0, 0.0))
    assert job is not None
    return Hold(job.id, job.attempt)


def recorded_until(run: Run, database: Database, objects: Objects, hold: Hold, stop: int) -> State:
    """Go on until `stop`, with a checkpoint after every Block."""
    state, ranges = resume(run, Held(database, objects, hold))
    with Recorder(run, ranges, Held(database, objects, hold)) as recorder:
        for block in blocks(run, state, Eager(run)):
            recorder.put(block, capture(run, state))
            if block.last >= stop:
                break
    return state


@pytest.fixture
def run(database: Database) -> Run:
    accepted = check(json.dumps(DOCUMENT), in_catalogue(Settings()))
    clients.submit(database, accepted)
    return small_run(**DOCUMENT)


def everything(database: Database, objects: Objects, hold: Hold) -> dict[str, bytes]:
    series = View(read_manifest(database, hold.job_id), objects)
    return {
        f"{table}.{name}": series.rows(table, [name], 0, 2**62).columns[name].tobytes()
        for table, names in series.manifest.names.items()
        for name in names
    }


def test_a_lost_attempt_is_gone_on_with_where_its_last_checkpoint_is(
    run: Run, database: Database, objects: Objects
) -> None:
    hold = taken(database)
    recorded_until(run, database, objects, hold, 100)
    writer = Writer(Held(database, objects, hold))
    late = schema.Rows(np.array([101]), np.zeros(1), {"loss": np.zeros(1, np.float32)})
    late.columns.update(dict.fromkeys(("accuracy", "learning_rate", "gradient_norm"), late.columns["loss"]))
    writer.append(schema.TRAIN, late)
    writer.commit()  # recorded after the checkpoint: the next attempt hides it
    attempts.end(database, hold, Ended("lost", reason="gone"))
    second = taken(database)
    assert (lookup.get(database, hold.job_id).step, second.attempt) == (100, 2)
    assert read_manifest(database, hold.job_id).watermark == 100
    state = recorded_until(run, database, objects, second, 200)
    undisturbed = initial_state(run)
    parts = [added for _, _, added in trained(run, undisturbed, {}, ())]
    assert weights(state) == weights(undisturbed)
    assert everything(database, objects, second) == {name: values for name, (_, values) in bits(parts).items()}
    checkpoints.sweep(Held(database, objects, Hold(hold.job_id, 3)))
    assert everything(database, objects, second) == {name: values for name, (_, values) in bits(parts).items()}
    delete_retired(database, objects)
    named = read_manifest(database, hold.job_id).keys | {c.stored.key for c in checkpoints.of(database, hold.job_id)}
    assert set(objects.keys(keys.of_job(hold.job_id))) == named


def test_the_last_two_checkpoints_are_kept(run: Run, database: Database, objects: Objects) -> None:
    hold = taken(database)
    recorded_until(run, database, objects, hold, 100)
    kept = checkpoints.of(database, hold.job_id)
    assert [each.step for each in kept] == [100, 80]
    files = [key for key in objects.keys(keys.of_job(hold.job_id)) if key.endswith(".checkpoint")]
    assert sorted(files) == sorted(each.stored.key for each in kept)


@pytest.mark.parametrize("damaged", [1, 2])
def test_where_a_checkpoint_is_damaged_the_one_before_is_taken(
    run: Run, database: Database, objects: Objects, damaged: int
) -> None:
    hold = taken(database)
    recorded_until(run, database, objects, hold, 100)
    for checkpoint in checkpoints.of(database, hold.job_id)[:damaged]:
        change(objects, checkpoint.stored.key, lambda data: data[:-1] + b"!")
    attempts.end(database, hold, Ended("lost", reason="gone"))
    second = taken(database)
    state, _ = resume(run, Held(database, objects, second))
    assert (state.step, state.begun) == ((80, True) if damaged == 1 else (0, False))
    assert lookup.get(database, hold.job_id).step == state.step
    assert read_manifest(database, hold.job_id).watermark == (80 if damaged == 1 else None)
    assert [each.step for each in checkpoints.of(database, hold.job_id)] == ([80] if damaged == 1 else [])


def test_an_attempt_that_was_replaced_makes_no_checkpoint_and_leaves_none_behind(
    run: Run, database: Database, objects: Objects
) -> None:
    hold = taken(database)
    state, ranges = resume(run, Held(database, objects, hold))
    attempts.end(database, hold, Ended("lost", reason="gone"))
    taken(database)
    untrained = next(iter(blocks(run, state, Eager(run))))
    with (
        pytest.raises(AttemptLost),
        Recorder(run, ranges, Held(database, objects, hold)) as recorder,
    ):
        recorder.put(untrained, capture(run, state))
    assert checkpoints.of(database, hold.job_id) == ()
    assert objects.keys(keys.of_job(hold.job_id)) == ()
    with pytest.raises(AttemptLost):  # nor can it begin again
        resume(run, Held(database, objects, hold))


def test_a_checkpoint_is_progress_and_losses_are_counted_anew(run: Run, database: Database, objects: Objects) -> None:
    attempts.end(database, taken(database), Ended("lost", reason="gone"))
    hold = taken(database)
    assert lookup.get(database, hold.job_id).losses == 1
    recorded_until(run, database, objects, hold, 64)
    assert lookup.get(database, hold.job_id).losses == 0


def test_a_checkpoint_is_stored_as_what_it_is(run: Run, database: Database, objects: Objects) -> None:
    hold = taken(database)
    recorded_until(run, database, objects, hold, 64)
    newest = checkpoints.of(database, hold.job_id)[0]
    state, ranges = restore(run, objects.read(newest.stored))
    assert encode(capture(run, state), ranges) == bytes(objects.read(newest.stored))
