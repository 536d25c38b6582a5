"""An answer about a job is made once for as long as nothing of it changes, and anew with every write that it shows."""

from collections.abc import Callable

import pytest

from api.job_answers import JobAnswers
from jobs.lifecycle import attempts, clients, retries
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.checkpoints import go_back
from jobs.lifecycle.job import Ended, Job, JobError
from jobs.lifecycle.scores import Score
from jobs.settings import Settings
from jobs.spec.document import Labels
from jobs.storage import waiting
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from jobs.storage.objects.protocol import Stored
from tests.support.running_jobs import AS_STORED

Write = Callable[[Database, Hold], object]

WRITES: dict[str, Write] = {
    "progress": lambda database, hold: attempts.record_progress(database, hold, 5, 10.0, {}),
    "scores alone": lambda database, hold: attempts.record_progress(
        database, hold, 0, None, {"train.loss": Score(1.0)}
    ),
    "start": lambda database, hold: attempts.record_start(database, hold, "cpu", {"torch": "2.13.0"}, AS_STORED),
    "weights": lambda database, hold: attempts.record_weights(
        database, hold, Artifact("weights", 9, Stored("k", 1, "s"))
    ),
    "a demand": lambda database, hold: clients.ask(database, hold.job_id, "cancel"),
    "labels": lambda database, hold: clients.relabel(database, hold.job_id, lambda _: Labels(name="b"), None),
    "an end": lambda database, hold: attempts.end(database, hold, Ended("succeeded")),
    "a failure": lambda database, hold: attempts.end(
        database, hold, Ended("failed", JobError("exception", "it broke"))
    ),
    "a loss": lambda database, hold: attempts.end(database, hold, Ended("lost", reason="its worker is gone")),
    "a pause": lambda database, hold: clients.ask(database, hold.job_id, "pause"),
    "a reason to stand still": lambda database, hold: waiting.mark(database, hold.job_id, "full"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_whatever_is_written_of_a_job_is_in_the_next_answer(database: Database, running: Job, write: Write) -> None:
    answers, others = JobAnswers(database), JobAnswers(database)
    before = answers.of(running.id)
    assert answers.of(running.id) is before
    write(database, Hold(running.id, running.attempt))
    after = answers.of(running.id)
    assert after.tag != before.tag
    assert after.data == others.of(running.id).data


def test_going_back_to_a_checkpoint_is_in_the_next_answer(database: Database, running: Job) -> None:
    answers, hold = JobAnswers(database), Hold(running.id, running.attempt)
    attempts.record_progress(database, hold, 5, 10.0, {"train.loss": Score(1.0)})
    before = answers.of(running.id)
    go_back(database, hold, None)
    assert answers.of(running.id).tag != before.tag


def test_a_retry_takes_its_parents_place_in_the_next_answer(
    database: Database, settings: Settings, running: Job
) -> None:
    answers = JobAnswers(database)
    attempts.end(database, Hold(running.id, running.attempt), Ended("failed", JobError("exception", "it broke")))
    before = answers.of(running.id)
    child = retries.retry(database, open_objects(settings), running.id, from_checkpoint=False)
    assert answers.of(running.id) is before  # it is of no experiment, where it would lose its place
    assert b'"parent":"' + running.id.encode() in answers.of(child.id).data


def test_what_a_queued_job_waits_for_is_of_the_moment(database: Database, running: Job) -> None:
    hold = Hold(running.id, running.attempt)
    attempts.end(database, hold, Ended("drained"))
    answers = JobAnswers(database)
    assert answers.of(running.id) is not answers.of(running.id)
