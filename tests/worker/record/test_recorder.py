"""Blocks become series on a thread of their own: in order, waited for, and never lost without an error."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
import torch

from jobs.errors import AttemptLost
from jobs.lifecycle import attempts, checkpoints, lookup
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended
from jobs.lifecycle.workers import Worker
from jobs.series.answers.live import look_on
from jobs.series.format.manifest import read_manifest
from jobs.series.format.schema import TRAIN
from jobs.series.read.reader import View
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.support.documents import otherwise
from tests.support.small_runs import small_run
from tests.support.workers import submit, until
from worker.record.backlog import Backlog
from worker.record.checkpoint import capture
from worker.record.recorder import Recorder
from worker.train.engines.eager import Eager
from worker.train.loop import Block, blocks
from worker.train.state import Run, initial_state

NEVER = 1e9  # seconds until the first commit of what is only recorded


@pytest.fixture
def held(database: Database, objects: Objects) -> Held:
    """A job that an attempt has just taken."""
    submit(database)
    job = attempts.claim(database, Worker("w", "here", 1, 1, ("cpu",), 0.0, 0.0))
    assert job is not None
    return Held(database, objects, Hold(job.id, job.attempt))


@pytest.fixture
def run() -> Run:
    """Thirty steps, a Block each."""
    run = small_run(training={"steps": 30})
    return replace(run, resolved=replace(run.resolved, block_steps=1))


def recorder_of(run: Run, held: Held, first_commit: float) -> tuple[Recorder, Iterator[Block]]:
    """A recorder, and the Blocks of the run that it is for."""
    state = initial_state(run)
    return Recorder(run, {}, held, first_commit), blocks(run, state, Eager(run))


def watermark(held: Held) -> int | None:
    return read_manifest(held.database, held.hold.job_id).watermark


def trained(held: Held) -> list[int]:
    """The steps of the training that are part of the series."""
    view = View(read_manifest(held.database, held.hold.job_id), held.objects)
    return [int(step) for step in view.rows(TRAIN, ["loss"], 0, 999).step]


def test_what_is_put_is_recorded_in_order_and_all_of_it_by_the_end_of_the_with(run: Run, held: Held) -> None:
    recorder, some = recorder_of(run, held, NEVER)
    with recorder:
        for block in some:
            recorder.put(block)
    assert trained(held) == list(range(1, 31))
    assert lookup.get(held.database, held.hold.job_id).step == 30


def test_what_is_put_is_committed_when_it_is_due(run: Run, held: Held) -> None:
    recorder, some = recorder_of(run, held, 0.0)
    with recorder:
        for _ in range(3):
            block = next(some)
            recorder.put(block)
            until(lambda: watermark(held) == block.last)  # noqa: B023 - it is called at once


def test_until_a_commit_is_due_the_job_shows_how_far_it_is(run: Run, held: Held) -> None:
    recorder, some = recorder_of(run, held, NEVER)
    next(some)
    with recorder:
        recorder.put(next(some))
        until(lambda: lookup.get(held.database, held.hold.job_id).step == 1)
        assert watermark(held) is None
    assert watermark(held) == 1


def test_where_somebody_looks_on_rows_are_committed_before_they_are_due(run: Run, held: Held) -> None:
    look_on(held.database, [held.hold.job_id])
    recorder, some = recorder_of(run, held, NEVER)
    with recorder:
        recorder.put(next(some))
        until(lambda: watermark(held) == 0)


def test_a_checkpoint_is_real_with_the_series_up_to_its_step(run: Run, held: Held) -> None:
    state = initial_state(run)
    recorder = Recorder(run, {}, held, NEVER)
    with recorder:
        for block in blocks(run, state, Eager(run)):
            recorder.put(block, capture(run, state) if block.last == 7 else None)
            if block.last == 7:
                until(lambda: checkpoints.of(held.database, held.hold.job_id))
                assert watermark(held) == 7
    (checkpoint,) = checkpoints.of(held.database, held.hold.job_id)
    assert (checkpoint.step, watermark(held)) == (7, 30)
    assert [chunk.last for chunk in read_manifest(held.database, held.hold.job_id).chunks[TRAIN]] == [7, 30]


def test_the_first_checkpoint_is_due_at_once_and_the_next_once_its_time_has_come(run: Run, held: Held) -> None:
    for first_commit, due_again in ((NEVER, False), (-inf, True)):
        state = initial_state(run)
        recorder = Recorder(run, {}, held, first_commit)
        assert recorder.checkpoint_due()
        recorder._blocks = Backlog()  # nobody takes anything out of it
        recorder.put(next(blocks(run, state, Eager(run))), capture(run, state))
        assert recorder.checkpoint_due() is due_again


def test_an_error_on_the_thread_comes_out_of_the_next_put(run: Run, held: Held) -> None:
    recorder, some = recorder_of(run, held, 0.0)
    put: list[int] = []

    def record() -> None:
        with recorder:
            recorder.put(next(some))
            until(lambda: watermark(held) == 0)
            attempts.end(held.database, held.hold, Ended("lost", reason="gone"))
            for block in some:
                recorder.put(block)
                put.append(block.last)
                until(lambda: recorder._error)

    with pytest.raises(AttemptLost):
        record()
    assert put in ([], [1])  # it may have failed before the first of them returned
    assert watermark(held) == 0


def test_its_thread_computes_on_as_many_threads_as_the_document_says(
    run: Run, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def look(*_: object) -> tuple[list[object], dict[str, object]]:
        seen.append(openmp().omp_get_max_threads())
        return [], {}

    monkeypatch.setattr("worker.record.recorder.additions", look)
    own = os.cpu_count() or 1
    for threads in (own + 1, 1):  # neither of them is what a new thread begins with
        asking = replace(run, resolved=otherwise(run.resolved, "resources", threads=threads))
        with Recorder(asking, {}, held, NEVER) as recorder:
            recorder.put(next(blocks(run, initial_state(run), Eager(run))))
        assert seen.pop() == threads
    torch.set_num_threads(1)


def openmp() -> ctypes.CDLL:
    """The library that torch's operations share their work out by."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return ctypes.CDLL(next(line.split()[-1] for line in lines if "libgomp" in line))


def test_an_error_that_no_put_came_after_is_raised_at_the_end(run: Run, held: Held) -> None:
    recorder, some = recorder_of(run, held, NEVER)

    def record() -> None:
        with recorder:
            recorder.put(next(some))
            attempts.end(held.database, held.hold, Ended("lost", reason="gone"))

    with pytest.raises(AttemptLost):
        record()
    assert watermark(held) is None


def test_what_went_wrong_in_the_training_goes_before_what_went_wrong_on_the_thread(run: Run, held: Held) -> None:
    recorder, some = recorder_of(run, held, NEVER)

    def record() -> None:
        with recorder:
            recorder.put(next(some))
            attempts.end(held.database, held.hold, Ended("lost", reason="gone"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        record()


def test_put_waits_for_a_store_that_keeps_it_waiting_and_says_so(run: Run, held: Held) -> None:
    said: list[str | None] = []
    somebody_writes = ExitStack()

    def still_there() -> None:
        said.append(lookup.get(held.database, held.hold.job_id).waiting_for)
        somebody_writes.close()

    waits = replace(held, still_there=still_there)
    state = initial_state(run)
    recorder = Recorder(run, {}, waits, 0.0)
    recorder._blocks = Backlog(most=0)  # whatever waits is too much
    some = blocks(run, state, Eager(run))
    with recorder:
        recorder.put(next(some))
        until(lambda: watermark(held) == 0)
        attempts.held_row(somebody_writes.enter_context(held.database.write()), held.hold)
        for _ in range(4):
            recorder.put(next(some))
    assert said[0] == "storage: it is slower than the training, which waits for it"
    assert lookup.get(held.database, held.hold.job_id).waiting_for is None
    assert trained(held) == [1, 2, 3, 4]
