"""Real workers, real trainers, real signals."""

import io
import os
import re
import signal
import socket
import subprocess
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from jobs.datasets.loading import load
from jobs.lifecycle import artifacts, attempts, clients, lookup
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Job, Status
from jobs.lifecycle.workers import Worker
from jobs.series.format.schema import TABLES, Rows
from jobs.series.read.reader import Series, answer_from
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.support.workers import running_worker, submit, trainers_of, until, wait_for
from worker.supervise.locks import try_lock

Process = subprocess.Popen[bytes]
LONG = {"training": {"steps": 1_000_000}, "evaluation": {"every": 1_000_000}}


def recorded(database: Database, objects: Objects, job: Job, table: str) -> Rows:
    """Every row and column of a table."""
    every = 2**62
    series = Series(job, database, objects)
    return answer_from(series, lambda view: view.rows(table, view.manifest.names[table], 0, every))


def assert_same_bits(database: Database, objects: Objects, one: Job, other: Job) -> None:
    assert one.weights_sha256 == other.weights_sha256
    assert one.weights_sha256 is not None
    assert one.preprocessing == other.preprocessing
    assert one.preprocessing is not None
    for table in TABLES:
        first, second = (recorded(database, objects, job, table) for job in (one, other))
        assert list(first.columns) == list(second.columns)
        assert np.array_equal(first.step, second.step)
        for name in first.columns:
            assert np.array_equal(first.columns[name].view(np.uint32), second.columns[name].view(np.uint32)), name


def steps(database: Database, objects: Objects, job: Job, table: str) -> list[int]:
    return [int(step) for step in recorded(database, objects, job, table).step]


@pytest.mark.usefixtures("worker")
def test_a_job_is_trained_and_every_step_of_every_table_is_there(database: Database, objects: Objects) -> None:
    job = wait_for(database, submit(database))
    assert (job.status, job.error, job.step) == (Status.SUCCEEDED, None, 300)
    assert steps(database, objects, job, "train") == list(range(1, 301))
    assert steps(database, objects, job, "activations") == list(range(1, 301))
    assert steps(database, objects, job, "test") == [0, 100, 200, 300]
    assert steps(database, objects, job, "units") == [0, 100, 200, 300]
    assert steps(database, objects, job, "histograms") == list(range(50, 301, 50))


@pytest.mark.usefixtures("worker")
def test_the_same_job_twice_gives_the_same_bits(database: Database, objects: Objects) -> None:
    assert_same_bits(database, objects, *(wait_for(database, submit(database)) for _ in range(2)))


def test_a_killed_trainer_is_noticed_and_its_job_goes_on_to_the_bits_of_an_undisturbed_one(
    worker: Process, database: Database, objects: Objects
) -> None:
    job = submit(database, training={"steps": 1500})
    until(lambda: lookup.get(database, job.id).step >= 64)
    for pid in trainers_of(worker):
        os.kill(pid, signal.SIGKILL)
    job = wait_for(database, job)
    assert (job.status, job.attempt) == (Status.SUCCEEDED, 2)
    outcomes = [attempt.outcome or "" for attempt in lookup.attempts_of(database, job.id)]
    assert [outcome.partition(",")[0] for outcome in outcomes] == ["lost: the trainer ended by signal 9", "succeeded"]
    assert re.search(r"as the kernel does when memory runs out, last heard of at step \d+, with \d+ MB$", outcomes[0])
    assert steps(database, objects, job, "train") == list(range(1, 1501))
    undisturbed = wait_for(database, submit(database, training={"steps": 1500}))
    assert_same_bits(database, objects, job, undisturbed)


def test_a_job_that_kills_its_trainer_three_times_fails_as_poison(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BNLAB_FAILPOINTS", str(settings.data))
    with running_worker(settings):
        job = submit(database, **LONG)
        for attempt in (1, 2, 3):
            (settings.data / "resumed").write_text("self 1")
            until(partial(was_lost, database, job, attempt))
        job = wait_for(database, job)
    killed = "lost: the trainer ended by signal 9, as the kernel does when memory runs out, before its first step"
    assert [outcome.startswith(killed) for outcome in lost(database, job)] == [True] * 3
    assert job.status is Status.FAILED
    assert job.error is not None
    assert job.error.code == "poison"


def was_lost(database: Database, job: Job, times: int) -> bool:
    return len(lost(database, job)) == times


def lost(database: Database, job: Job) -> list[str]:
    outcomes = [attempt.outcome or "" for attempt in lookup.attempts_of(database, job.id)]
    return [outcome for outcome in outcomes if outcome.startswith("lost")]


def test_a_killed_worker_takes_its_trainers_along_and_another_goes_on(settings: Settings, database: Database) -> None:
    with running_worker(settings) as first:
        job = submit(database, training={"steps": 1500})
        until(lambda: lookup.get(database, job.id).step > 0)
        trainers = trainers_of(first)
        first.kill()
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in trainers))
    with running_worker(settings):
        job = wait_for(database, job)
    assert (job.status, job.attempt) == (Status.SUCCEEDED, 2)


@pytest.mark.usefixtures("worker")
def test_a_running_job_is_cancelled_and_its_worker_takes_the_next(database: Database) -> None:
    job = submit(database, **LONG)
    until(lambda: lookup.get(database, job.id).step > 0)
    clients.ask(database, job.id, "cancel")
    following = submit(database)
    assert wait_for(database, job).status is Status.CANCELLED
    assert wait_for(database, following).status is Status.SUCCEEDED


def test_a_worker_that_is_told_to_leave_gives_its_job_back_uncounted(settings: Settings, database: Database) -> None:
    with running_worker(settings) as process:
        job = submit(database, **LONG)
        until(lambda: lookup.get(database, job.id).step > 0)
        process.send_signal(signal.SIGTERM)
        process.wait()
    left = lookup.get(database, job.id)
    assert (left.status, left.losses) == (Status.QUEUED, 0)
    assert left.waiting_for == "worker: none is running"
    assert lookup.attempts_of(database, job.id)[0].outcome == "drained"


@pytest.mark.usefixtures("worker")
def test_a_diverging_job_fails_at_the_step_and_keeps_its_series(database: Database, objects: Objects) -> None:
    relu = {"preset": "mlp", "activation": "relu", "init": {"scheme": "normal", "std": 1.0}}
    training = {"steps": 300, "optimizer": {"learning_rate": 1e6}}
    job = wait_for(database, submit(database, architecture=relu, batch_norm=False, training=training))
    assert job.status is Status.FAILED
    assert job.error is not None
    assert job.error.code == "non_finite_loss"
    rows = recorded(database, objects, job, "train")
    assert f"step {rows.step[-1]} " in job.error.message
    assert not np.isfinite(rows.columns["loss"][-1])
    assert np.isfinite(rows.columns["loss"][:-1]).all()


@pytest.mark.usefixtures("worker")
def test_a_job_that_is_asked_to_keeps_its_probabilities(database: Database, objects: Objects) -> None:
    job = wait_for(database, submit(database, evaluation={"every": 100, "probabilities": True}))
    (stored,) = artifacts.of_kind(database, "probabilities", [job.id]).values()
    kept = np.load(io.BytesIO(objects.read(stored)))
    assert kept.shape == (2000, 10)
    np.testing.assert_allclose(kept.sum(1), 1, rtol=1e-5)
    right = (kept.argmax(1) == load("synthetic", Path()).test_labels).mean()
    assert right == pytest.approx(recorded(database, objects, job, "test").columns["accuracy"][-1], abs=1e-6)


@pytest.mark.usefixtures("worker")
def test_a_diverging_job_goes_on_when_it_is_told_to(database: Database, objects: Objects) -> None:
    relu = {"preset": "mlp", "activation": "relu", "init": {"scheme": "normal", "std": 1.0}}
    training = {"steps": 70, "optimizer": {"learning_rate": 1e6}, "on_non_finite": "continue"}
    job = wait_for(database, submit(database, architecture=relu, batch_norm=False, training=training))
    assert job.status is Status.SUCCEEDED
    rows = recorded(database, objects, job, "train")
    assert rows.step.tolist() == list(range(1, 71))
    assert not np.isfinite(rows.columns["loss"][-1])


@pytest.mark.usefixtures("worker")
def test_a_job_whose_last_update_diverged_does_not_succeed(database: Database, objects: Objects) -> None:
    relu = {"preset": "mlp", "activation": "relu"}
    training = {"steps": 1, "optimizer": {"learning_rate": 1e30}}
    job = wait_for(database, submit(database, architecture=relu, batch_norm=False, training=training))
    assert job.status is Status.FAILED
    assert job.error is not None
    assert job.error.code == "non_finite_loss"
    assert not np.isfinite(recorded(database, objects, job, "test").columns["loss"][-1])


def test_an_attempt_is_taken_up_only_once_its_worker_is_gone(settings: Settings, database: Database) -> None:
    job = submit(database)
    now = time.time()
    elsewhere = Worker("another", socket.gethostname(), os.getpid(), 1, ("cpu",), now, now)
    with try_lock(settings.data, elsewhere.id) as had, running_worker(settings):
        assert had
        assert attempts.claim(database, elsewhere) is not None  # its trainer is not there yet, as while it loads
        following = submit(database)

        def has_trained_meanwhile() -> bool:
            attempts.beat(database, Hold(job.id, 1))  # as a worker does that lives, however long the other one takes
            time.sleep(0.2)
            return lookup.get(database, following.id).status is Status.SUCCEEDED

        until(has_trained_meanwhile)
        held = lookup.get(database, job.id)
        assert (held.status, held.attempt) == (Status.RUNNING, 1)
    with running_worker(settings):
        assert wait_for(database, job).attempt == 2
    assert lookup.attempts_of(database, job.id)[0].outcome == "lost: its worker is gone"


@pytest.mark.usefixtures("worker")
def test_a_job_whose_dataset_is_not_there_fails_with_the_way_out(database: Database) -> None:
    job = wait_for(database, submit(database, data={"dataset": "mnist"}))
    assert job.error is not None
    assert job.error.code == "dataset_unavailable"
    assert "bnlab data fetch mnist" in job.error.message


def test_two_slots_train_two_jobs_at_once(settings: Settings, database: Database) -> None:
    with running_worker(settings, slots=2):
        jobs = [submit(database, **LONG) for _ in range(2)]
        for job in jobs:
            wait_for(database, job, Status.RUNNING)
        assert [lookup.get(database, job.id).status for job in jobs] == [Status.RUNNING, Status.RUNNING]
