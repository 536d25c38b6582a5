"""What ends an attempt from outside: its job's limits, standing still; and environments that are no longer the same."""

import os
import signal
import subprocess

import pytest
import torch

from jobs.errors import EnvironmentChanged
from jobs.lifecycle import attempts, checkpoints, clients, lookup
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Status
from jobs.lifecycle.workers import Worker
from jobs.settings import Settings
from jobs.spec.document import Limits
from jobs.storage.database import Database
from tests.support.running_jobs import AS_STORED
from tests.support.workers import running_worker, submit, trainers_of, until, wait_for
from worker.supervise.limits import Used, exceeded
from worker.train.engines.eager import Eager
from worker.train.environment import changed, environment_of

LONG = {"training": {"steps": 1_000_000}, "evaluation": {"every": 1_000_000}}
SLOW = {"data": {"dataset": "synthetic", "batch_size": 2000}, "training": {"steps": 1000}}  # steps of some seconds
FINE = Used(step=10, still=1.0, seconds=1.0, memory_mb=200.0)


def test_within_its_limits_an_attempt_goes_on() -> None:
    assert exceeded(Limits(), 60.0, FINE) is None
    assert exceeded(Limits(wall_seconds=2, memory_mb=300), 60.0, FINE) is None


@pytest.mark.parametrize(
    ("limits", "code", "words"),
    [
        (Limits(wall_seconds=0.5), "time_limit", "at step 10 it had used up limits.wall_seconds, 0.5 s"),
        (Limits(memory_mb=100), "memory_limit", "at step 10 its process held 200 MB, and limits.memory_mb is 100"),
    ],
)
def test_what_uses_more_than_it_may_fails_and_says_what_would_help(limits: Limits, code: str, words: str) -> None:
    ended = exceeded(limits, 60.0, FINE)
    assert ended is not None
    assert ended.error is not None
    assert (ended.outcome, ended.error.code) == ("failed", code)
    assert words in ended.error.message


def test_what_stands_still_is_lost_and_its_first_step_has_longer() -> None:
    for step, still, is_lost in ((10, 61, True), (10, 59, False), (None, 61, False), (None, 181, True)):
        ended = exceeded(Limits(), 60.0, Used(step, still, 1.0, 1.0))
        assert (ended is not None and ended.outcome == "lost") == is_lost


def test_a_job_that_has_used_its_time_fails(worker: subprocess.Popen[bytes], database: Database) -> None:
    job = wait_for(database, submit(database, **LONG, limits={"wall_seconds": 3}))
    assert job.status is Status.FAILED
    assert job.error is not None
    assert job.error.code == "time_limit"
    assert wait_for(database, submit(database)).status is Status.SUCCEEDED
    assert len(trainers_of(worker)) == 1


@pytest.mark.usefixtures("worker")
def test_a_job_that_needs_too_much_memory_fails(database: Database) -> None:
    job = wait_for(database, submit(database, **LONG, limits={"memory_mb": 100}))
    assert job.error is not None
    assert job.error.code == "memory_limit"


def test_a_trainer_that_stands_still_is_ended_and_its_job_goes_on(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BNLAB_STALL_SECONDS", "3")
    with running_worker(settings) as worker:
        job = submit(database, training={"steps": 3000})
        until(lambda: lookup.get(database, job.id).step >= 64)
        (trainer,) = trainers_of(worker)
        os.kill(trainer, signal.SIGSTOP)
        job = wait_for(database, job)
    assert (job.status, job.attempt) == (Status.SUCCEEDED, 2)
    assert "stood still for 3 s at step" in str(lookup.attempts_of(database, job.id)[0].outcome)


def test_a_paused_job_leaves_its_worker_and_goes_on_at_its_checkpoint(
    worker: subprocess.Popen[bytes], database: Database
) -> None:
    assert worker.poll() is None
    job = submit(database, training={"steps": 3000})
    until(lambda: lookup.get(database, job.id).step >= 64)
    clients.ask(database, job.id, "pause")
    paused = wait_for(database, job, Status.PAUSED)
    assert 64 <= paused.step < 3000
    assert wait_for(database, submit(database)).status is Status.SUCCEEDED
    assert lookup.get(database, job.id).status is Status.PAUSED
    clients.ask(database, job.id, "resume")
    job = wait_for(database, job)
    assert (job.status, job.attempt, job.losses, job.bit_exact) == (Status.SUCCEEDED, 2, 0, True)


@pytest.mark.usefixtures("worker")
def test_a_pause_waits_for_a_block_however_long_it_takes(database: Database) -> None:
    job = submit(database, architecture={"preset": "mlp", "hidden": [4000, 4000, 3000]}, **SLOW)
    until(lambda: checkpoints.of(database, job.id))
    clients.ask(database, job.id, "pause")
    paused = wait_for(database, job, Status.PAUSED)
    assert paused.step >= 1  # not back at that checkpoint, which is of the untrained network


@pytest.mark.parametrize("reproducible", ["reported", "strict"])
def test_an_environment_that_is_no_longer_the_same_is_said_or_refused(database: Database, reproducible: str) -> None:
    submit(database, reproducible=reproducible)
    claimed = attempts.claim(database, Worker("w", "here", 1, 1, ("cpu",), 0.0, 0.0))
    assert claimed is not None
    spec, strict = claimed.resolved.spec, reproducible == "strict"
    now = environment_of(spec, torch.device("cpu"), Eager.identity)
    hold = Hold(claimed.id, claimed.attempt)
    attempts.record_start(database, hold, "cpu", {**now, "torch": "1.0", "threads": 8}, AS_STORED)
    before = lookup.get(database, claimed.id)
    kept = before.environment or {}
    assert changed(kept, kept, already=before.differs, strict=strict) == ()
    if reproducible == "strict":
        with pytest.raises(EnvironmentChanged, match=r"torch was 1\.0 and is 2\.13.*; run a worker in the old"):
            changed(kept, now, already=before.differs, strict=strict)
        return
    differs = changed(kept, now, already=before.differs, strict=strict)
    assert differs == ("torch", "threads")
    attempts.record_start(database, hold, "cpu", now, AS_STORED, differs)
    after = lookup.get(database, claimed.id)
    assert not after.bit_exact
    assert changed(after.environment or {}, now, already=after.differs, strict=strict) == differs  # it stays so
