"""A trainer as its supervisor sees it: handed attempts, told to end, listened to, killed, each time a real process."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.demands import Order
from jobs.lifecycle.job import Ended, Outcome
from jobs.lifecycle.workers import Worker
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support.workers import submit, until
from worker.supervise.process import Trainer

LONG = {"training": {"steps": 1_000_000}, "evaluation": {"every": 1_000_000}}
SHORT = {"data": {"dataset": "synthetic", "train_samples": 500}, "training": {"steps": 5}}
NONSENSE = """
import os, sys
if "worker.trainer" in sys.orig_argv:
    os.write(int(sys.orig_argv[-1]), b'3\\n[]\\n{"Alive": {}}\\nno JSON\\n')
    print("hello", flush=True)
"""


@pytest.fixture
def trainer(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trainer]:
    monkeypatch.setenv("BNLAB_DATA", str(database.data))
    monkeypatch.setenv("BNLAB_DATABASE_URL", settings.database_url)
    started = Trainer()
    yield started
    started.kill()


def claimed(database: Database, **document: Any) -> Hold:
    """A new job's first attempt."""
    submit(database, **document)
    job = attempts.claim(database, Worker("w", "here", 1, 1, ("cpu",), 0.0, 0.0))
    assert job is not None
    return Hold(job.id, job.attempt)


def while_it_beats(trainer: Trainer, condition: Callable[[], Any]) -> Any:
    """Wait for a condition, as a supervisor that is there."""

    def beat() -> Any:
        trainer.beat()
        return condition()

    return until(beat)


def ended(trainer: Trainer) -> Ended:
    return while_it_beats(trainer, lambda: trainer.ended(timeout=0.1))  # type: ignore[no-any-return]


def at_work(trainer: Trainer, hold: Hold) -> None:
    """Hand an attempt over, and wait until it has taken steps."""
    trainer.run(hold)
    while_it_beats(trainer, lambda: trainer.used(0.0).step)


def test_one_process_runs_attempt_after_attempt_and_says_how_each_ended(trainer: Trainer, database: Database) -> None:
    assert until(lambda: trainer.ready).devices[0] == "cpu"
    assert (trainer.is_alive, trainer.is_used, trainer.ended(timeout=0)) == (True, False, None)
    for _ in range(2):
        hold = claimed(database, **SHORT)
        assert not trainer.has_taken(hold)
        trainer.run(hold)
        assert ended(trainer) == Ended("succeeded")
        assert (trainer.has_taken(hold), trainer.is_used, trainer.is_alive) == (True, True, True)


@pytest.mark.parametrize(("order", "outcome"), [("stop", "cancelled"), ("drain", "drained")])
def test_an_attempt_that_is_told_to_end_does_and_its_process_is_there_for_the_next(
    trainer: Trainer, database: Database, order: Order, outcome: Outcome
) -> None:
    at_work(trainer, claimed(database, **LONG))
    trainer.tell(order)
    assert ended(trainer) == Ended(outcome)
    trainer.run(claimed(database, **SHORT))  # whom nobody has told to end
    assert ended(trainer) == Ended("succeeded")


def test_what_an_attempt_has_used_is_counted_from_when_it_was_handed_over(trainer: Trainer, database: Database) -> None:
    at_work(trainer, claimed(database, **LONG))
    used = trainer.used(spent=100.0)
    assert used.step is not None
    assert used.step >= 1
    assert 100 < used.seconds < 100 + trainer.age
    assert used.memory_mb > 50
    trainer.tell("stop")
    assert ended(trainer).outcome == "cancelled"
    trainer.run(claimed(database, **SHORT))
    assert trainer.used(0.0).step is None


def test_of_a_process_that_was_killed_it_is_said_by_what_and_how_far_it_was(
    trainer: Trainer, database: Database
) -> None:
    at_work(trainer, claimed(database, **LONG))
    os.kill(trainer.pid, signal.SIGSEGV)
    with pytest.raises(EOFError, match=r"signal 11, a segmentation fault, last heard of at step \d+, with \d+ MB$"):
        ended(trainer)
    assert not trainer.is_alive


def test_an_idle_trainer_that_is_dismissed_is_gone(trainer: Trainer) -> None:
    until(lambda: trainer.ready)
    trainer.dismiss()
    assert not trainer.is_alive


def test_a_trainer_that_is_renewed_is_another_process_that_has_run_nothing(
    trainer: Trainer, database: Database
) -> None:
    trainer.run(claimed(database, **SHORT))
    assert ended(trainer) == Ended("succeeded")
    before = trainer.pid
    trainer.renew()
    assert (trainer.pid != before, trainer.is_used, trainer.ready) == (True, False, None)
    trainer.run(claimed(database, **SHORT))
    assert ended(trainer) == Ended("succeeded")


def test_lines_that_nobody_understands_keep_nobody_from_listening(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(NONSENSE)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path.cwd()}")
    monkeypatch.setenv("BNLAB_DATA", str(database.data))
    monkeypatch.setenv("BNLAB_DATABASE_URL", settings.database_url)
    trainer = Trainer()
    try:
        until(lambda: trainer.ready)
        assert trainer.printed().text == "hello\n"
        trainer.run(claimed(database, **SHORT))
        assert "hello" not in trainer.printed().text  # which was before the attempt
        assert ended(trainer) == Ended("succeeded")
    finally:
        trainer.kill()
