"""Trainers that cannot start, that print, that leave processes behind; and a supervisor that stumbles."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from sqlalchemy import insert

from jobs.lifecycle import attempts, leases, lookup
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended, Job, Status
from jobs.lifecycle.workers import live_workers
from jobs.settings import Settings
from jobs.storage import tables
from jobs.storage.database import Database
from tests.support.documents import otherwise
from tests.support.workers import running_worker, submit, trainers_of, until, wait_for
from worker.supervise.process import Trainer

BROKEN = "raise ImportError('libcudart.so.13: cannot open shared object file')"
LITTER = """
import subprocess, sys
if "worker.trainer" in sys.orig_argv:
    print('{"Ended": 3}', flush=True)
    subprocess.Popen(["sleep", "60"])
"""
DATA = {"dataset": "synthetic", "train_samples": 500}
CONVOLUTION = {"kind": "conv2d", "channels": 2, "activation": "relu"}
CONVNET = {"architecture": {"layers": [CONVOLUTION, {"kind": "flatten"}, {"kind": "linear", "features": 10}]}}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules every process finds first."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", f"{folder}:{Path.cwd()}")
    return folder


def test_jobs_wait_for_a_worker_whose_trainers_cannot_start_and_succeed_once_they_can(
    settings: Settings, database: Database, path: Path
) -> None:
    (path / "torch").mkdir()
    (path / "torch" / "__init__.py").write_text(BROKEN)
    jobs = [submit(database, data=DATA, training={"steps": 5}) for _ in range(4)]
    with running_worker(settings):
        (worker,) = until(lambda: [each for each in live_workers(database) if each.trouble])
        assert "trainers in a row failed" in worker.trouble
        assert worker.trouble.endswith("ImportError: libcudart.so.13: cannot open shared object file")
        waiting = [lookup.get(database, job.id) for job in jobs]
        assert [(job.status, job.attempt) for job in waiting] == [(Status.QUEUED, 0)] * 4
        assert waiting[0].waiting_for == f"worker: none is well; on {worker.host}: {worker.trouble}"
        shutil.rmtree(path / "torch")
        assert {wait_for(database, job).status for job in jobs} == {Status.SUCCEEDED}
        until(lambda: [each.trouble for each in live_workers(database)] == [None])


def test_what_libraries_print_is_with_the_attempt_also_when_it_was_killed(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEDNN_VERBOSE", "1")
    with running_worker(settings) as process:
        job = submit(database, data=DATA, training={"steps": 800}, **CONVNET)
        until(lambda: lookup.get(database, job.id).step > 0)
        assert "onednn_verbose" in until(lambda: lookup.attempts_of(database, job.id)[0].output)
        for pid in trainers_of(process):
            os.kill(pid, signal.SIGKILL)
        assert wait_for(database, job).status is Status.SUCCEEDED
    killed, last = lookup.attempts_of(database, job.id)
    assert (killed.outcome or "").startswith("lost: the trainer ended by signal 9")
    for attempt in (killed, last):
        assert attempt.output is not None
        assert "onednn_verbose" in attempt.output
        assert len(attempt.output.encode()) <= 4096 + 2  # where the first character was cut


@pytest.fixture
def trainer(settings: Settings, path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trainer]:
    """One that prints a line that looks like a message, and leaves a process that holds what it prints to."""
    (path / "sitecustomize.py").write_text(LITTER)
    monkeypatch.setenv("BNLAB_DATA", str(settings.data))
    monkeypatch.setenv("BNLAB_DATABASE_URL", settings.database_url)
    started = Trainer()
    yield started
    started.kill()


@pytest.mark.usefixtures("database")
def test_a_line_that_looks_like_a_message_is_none_and_a_trainer_takes_what_it_started_along(trainer: Trainer) -> None:
    until(lambda: trainer.ready)
    assert trainer.printed().text == '{"Ended": 3}\n'
    assert trainer.ended(timeout=0) is None
    (started,) = psutil.Process(trainer.pid).children()
    trainer.kill()
    until(lambda: not started.is_running() or started.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.usefixtures("database")
def test_the_end_of_a_trainer_is_noticed_though_what_it_started_lives_on(trainer: Trainer) -> None:
    until(lambda: trainer.ready)
    psutil.Process(trainer.pid).kill()
    with pytest.raises(EOFError, match="ended by signal 9"):
        until(lambda: trainer.ended(timeout=0.1))


def test_a_worker_that_stumbles_goes_on_and_says_so(settings: Settings, database: Database) -> None:
    with database.write() as connection:  # no object can be called so, and deleting it is an error nobody foresaw
        connection.execute(insert(tables.retired).values(key="../elsewhere", job_id="0job"))
    with running_worker(settings):
        (worker,) = until(lambda: [each for each in live_workers(database) if each.trouble])
        assert worker.trouble.startswith("it stumbled: ValueError: '../elsewhere' is not a key")
        assert wait_for(database, submit(database)).status is Status.SUCCEEDED
        with database.write() as connection:
            connection.execute(tables.retired.delete())
        until(lambda: [each.trouble for each in live_workers(database)] == [None])
    assert "ValueError: '../elsewhere' is not a key" in (settings.data / "worker.log").read_text()


def test_jobs_wait_where_the_worker_itself_cannot_begin_with_them(settings: Settings, database: Database) -> None:
    (settings.data / "waiting").write_text("in the way of a folder")
    jobs = [submit(database, data=DATA, training={"steps": 5}) for _ in range(4)]
    with running_worker(settings):
        (worker,) = until(lambda: [each for each in live_workers(database) if each.trouble])
        assert "the last one so: NotADirectoryError" in worker.trouble
        assert {lookup.get(database, job.id).losses for job in jobs} == {0}
        (settings.data / "waiting").unlink()
        assert {wait_for(database, job).status for job in jobs} == {Status.SUCCEEDED}


@pytest.mark.usefixtures("worker")
def test_a_stored_document_that_cannot_be_read_fails_its_job_and_no_other(database: Database) -> None:
    job = submit(database, data=DATA, training={"steps": 5})
    with database.write() as connection:  # before a worker can have it: as an earlier release had accepted it
        unreadable = otherwise(job.resolved, "training", optimizer={"kind": "of an earlier release"}).document
        connection.execute(tables.jobs.update().where(tables.jobs.c.id == job.id).values(spec=unreadable))
    failed = wait_for(database, job)
    assert failed.error is not None
    assert failed.error.code == "invalid_spec"
    assert wait_for(database, submit(database, data=DATA, training={"steps": 5})).status is Status.SUCCEEDED


def test_a_job_with_a_limit_of_memory_gets_a_trainer_that_holds_nothing_of_earlier_jobs(
    worker: subprocess.Popen[bytes], database: Database
) -> None:
    small = {"data": DATA, "training": {"steps": 5}}
    assert wait_for(database, submit(database, **small)).status is Status.SUCCEEDED
    (used,) = trainers_of(worker)
    assert wait_for(database, submit(database, **small, limits={"memory_mb": 8000})).status is Status.SUCCEEDED
    (fresh,) = trainers_of(worker)
    assert fresh != used


@contextmanager
def fresh_trainer_held(worker: subprocess.Popen[bytes], database: Database) -> Iterator[Job]:
    """A job that has been claimed, and gets a fresh trainer, which loads as long as this lasts."""
    small = {"data": DATA, "training": {"steps": 5}}
    wait_for(database, submit(database, **small))
    used = trainers_of(worker)
    job = submit(database, **small, limits={"memory_mb": 8000})
    (fresh,) = until(lambda: [pid for pid in trainers_of(worker) if pid not in used])
    os.kill(fresh, signal.SIGSTOP)  # as where the disk is cold, or the machine busy
    try:
        yield job
    finally:
        with suppress(ProcessLookupError):  # whoever has lost the job has ended it
            os.kill(fresh, signal.SIGCONT)


def test_the_lease_of_a_job_whose_fresh_trainer_loads_for_long_is_renewed(
    worker: subprocess.Popen[bytes], database: Database
) -> None:
    with fresh_trainer_held(worker, database) as job:
        time.sleep(attempts.LEASE + 3)
        late = leases.overdue(database)
    assert late == ()
    assert wait_for(database, job).attempt == 1


def test_a_job_that_is_lost_while_its_fresh_trainer_loads_is_let_go(
    worker: subprocess.Popen[bytes], database: Database, settings: Settings
) -> None:
    with fresh_trainer_held(worker, database) as job:
        attempts.end(database, Hold(job.id, 1), Ended("lost", reason="as by another worker"), by="another")
        time.sleep(2 * attempts.BEAT)
    ended = wait_for(database, job)
    assert (ended.status, ended.attempt) == (Status.SUCCEEDED, 2)
    assert f"job {job.id}, attempt 1: replaced" in (settings.data / "worker.log").read_text()


HELD_TERMINAL = """
import os, subprocess, sys
from worker.supervise.output import Output
reading, writing = os.pipe()  # nobody reads: as a terminal that is held
os.set_blocking(writing, False)
try:
    while True:
        os.write(writing, bytes(4096))
except BlockingIOError:
    os.set_blocking(writing, True)
os.dup2(writing, 2)
command = [sys.executable, "-c", "print('x' * 300_000, 'the end', flush=True)"]
process = subprocess.Popen(command, stdout=subprocess.PIPE)
output = Output(process.stdout)
process.wait(60)
output.close()
print(output.printed().text[-9:])
"""


def test_a_log_that_nobody_reads_keeps_nobody_from_printing() -> None:
    done = subprocess.run([sys.executable, "-c", HELD_TERMINAL], capture_output=True, timeout=60, check=True)
    assert done.stdout == b" the end\n\n"
