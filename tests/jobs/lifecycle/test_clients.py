"""Verbs on jobs, and what the tables themselves refuse."""

import numpy as np
import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from jobs.errors import Gone, NotAllowed
from jobs.lifecycle import attempts, checkpoints, clients, lookup, retries
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.demands import Verb
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import ACTIONS, NEXT, TERMINAL, Ended, Job, JobError, Status
from jobs.lifecycle.workers import Worker
from jobs.series.format.manifest import read_manifest
from jobs.series.read.reader import View
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.support.listed import ids_of
from tests.support.running_jobs import train

FAILURE = JobError("exception", "it broke")
END = {
    Status.SUCCEEDED: Ended("succeeded"),
    Status.FAILED: Ended("failed", FAILURE),
    Status.CANCELLED: Ended("cancelled"),
}
ALLOWED: dict[Verb, tuple[Status, ...]] = {
    "cancel": (Status.QUEUED, Status.RUNNING, Status.PAUSED, Status.CANCELLED),
    "pause": (Status.QUEUED, Status.RUNNING, Status.PAUSED),
    "resume": (Status.QUEUED, Status.RUNNING, Status.PAUSED),
}


def submit(database: Database) -> Job:
    return clients.submit(
        database, check('{"data": {"dataset": "synthetic"}, "training": {"steps": 100}}', in_catalogue(Settings()))
    )


def taken(database: Database) -> Hold:
    job = attempts.claim(database, Worker("w", "here", 1, 1, ("cpu",), 0.0, 0.0))
    assert job is not None
    return Hold(job.id, job.attempt)


def in_status(database: Database, status: Status) -> str:
    """A job that stands there."""
    job = submit(database)
    if status is Status.QUEUED:
        return job.id
    if status is Status.PAUSED:
        return clients.ask(database, job.id, "pause").id
    hold = taken(database)
    if status in END:
        attempts.end(database, hold, END[status])
    return job.id


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("verb", ALLOWED)
def test_a_verb_leads_where_it_says_or_is_refused_with_those_that_do(
    database: Database, verb: Verb, status: Status
) -> None:
    job_id = in_status(database, status)
    if status not in ALLOWED[verb]:
        with pytest.raises(NotAllowed, match=f"it is {status}; allowed now: {', '.join(ACTIONS[status])}$"):
            clients.ask(database, job_id, verb)
        return
    once, twice = clients.ask(database, job_id, verb), clients.ask(database, job_id, verb)
    assert (once.status, once.requested) == (twice.status, twice.requested)
    assert once.status == status or once.status in NEXT[status]
    assert (once.finished is not None) == (once.status in TERMINAL)


@pytest.mark.parametrize(("status", "verb"), [(status, verb) for status in Status for verb in ACTIONS[status]])
def test_every_verb_that_is_called_allowed_is_allowed(
    database: Database, objects: Objects, status: Status, verb: str
) -> None:
    job_id = in_status(database, status)
    if verb == "delete":
        clients.remove(database, objects, job_id)
    elif verb == "retry":
        retries.retry(database, objects, job_id, from_checkpoint=True)
    else:
        clients.ask(database, job_id, verb)  # type: ignore[arg-type]  # a verb of the table


@pytest.mark.parametrize(("first", "then"), [("pause", Status.PAUSED), ("cancel", Status.CANCELLED)])
def test_what_was_asked_of_a_running_job_is_so_once_its_attempt_has_gone(
    database: Database, first: Verb, then: Status
) -> None:
    for ended in (Ended("drained"), Ended("lost", reason="gone")):
        submit(database)
        hold = taken(database)
        clients.ask(database, hold.job_id, first)
        attempts.end(database, hold, ended)
        job = lookup.get(database, hold.job_id)
        assert (job.status, job.requested) == (then, None)


def test_what_is_to_be_cancelled_is_not_paused_and_a_pause_can_be_taken_back(database: Database) -> None:
    job_id = in_status(database, Status.RUNNING)
    assert clients.ask(database, job_id, "pause").requested == "pause"
    assert clients.ask(database, job_id, "resume").requested is None
    assert clients.ask(database, job_id, "cancel").requested == "cancel"
    assert clients.ask(database, job_id, "pause").requested == "cancel"
    assert clients.ask(database, job_id, "resume").requested == "cancel"


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_whatever_a_statement_says_an_end_is_final(database: Database, status: Status) -> None:
    job_id = in_status(database, status)
    for other in Status:
        with database.write() as connection:
            change = update(tables.jobs).where(tables.jobs.c.id == job_id).values(status=other)
            if other == status:
                connection.execute(change)
                continue
            with pytest.raises(IntegrityError, match="has ended cannot change its status"):
                connection.execute(change)


def test_a_job_has_one_live_attempt_whatever_a_statement_says(database: Database) -> None:
    job_id = in_status(database, Status.RUNNING)
    second = {"job_id": job_id, "number": 2, "worker": "v", "host": "there", "started": 0.0}
    with pytest.raises(IntegrityError, match=r"(?i)unique"), database.write() as connection:
        connection.execute(insert(tables.attempts).values(second))


def test_a_deleted_job_is_gone_with_all_that_it_recorded(database: Database, objects: Objects) -> None:
    job_id, other = in_status(database, Status.CANCELLED), submit(database)
    objects.put(keys.of_chunk(job_id, 1, "train", 1, 2), b"rows")
    clients.remove(database, objects, job_id)
    for look in (lambda: lookup.get(database, job_id), lambda: clients.remove(database, objects, job_id)):
        with pytest.raises(Gone, match=rf"job '{job_id}' was deleted at 20[0-9: -]+ UTC by a client"):
            look()
    assert objects.keys(keys.of_job(job_id)) == ()
    assert ids_of(database) == [other.id]


def failed_after(database: Database, objects: Objects, *, checkpoint: int) -> str:
    """A job that recorded ten steps more than its checkpoint, and failed."""
    job_id = in_status(database, Status.RUNNING)
    hold = Hold(job_id, 1)
    stored = objects.put(keys.of_checkpoint(job_id, 1, checkpoint), b"the run")
    writer = Writer(Held(database, objects, hold))
    writer.append("train", train(1, checkpoint))
    writer.commit(checkpoint=Artifact("checkpoint", checkpoint, stored))
    writer.append("train", train(checkpoint + 1, checkpoint + 10))
    writer.commit()
    attempts.end(database, hold, Ended("failed", FAILURE))
    return job_id


def test_a_retry_goes_on_where_the_last_checkpoint_is_and_outlives_its_parent(
    database: Database, objects: Objects
) -> None:
    parent = failed_after(database, objects, checkpoint=40)
    child = retries.retry(database, objects, parent, from_checkpoint=True)
    assert (child.parent, child.status, child.attempt) == (parent, Status.QUEUED, 0)
    assert child.resolved == lookup.get(database, parent).resolved
    clients.remove(database, objects, parent)
    hold = taken(database)
    assert (hold.job_id, lookup.get(database, child.id).step) == (child.id, 40)
    assert bytes(objects.read(checkpoints.of(database, child.id)[0].stored)) == b"the run"
    series = View(read_manifest(database, child.id), objects)
    assert series.rows("train", ["loss"], 0, 99).step.tolist() == list(range(1, 41))
    assert np.array_equal(series.rows("train", ["loss"], 0, 99).columns["loss"], train(1, 40).columns["loss"])


def test_a_retry_from_scratch_has_recorded_nothing(database: Database, objects: Objects) -> None:
    child = retries.retry(database, objects, failed_after(database, objects, checkpoint=40), from_checkpoint=False)
    assert checkpoints.of(database, child.id) == ()
    assert read_manifest(database, child.id).watermark is None


def test_a_retry_that_is_open_is_the_answer_again(database: Database, objects: Objects) -> None:
    parent = in_status(database, Status.FAILED)
    first, second = (retries.retry(database, objects, parent, from_checkpoint=True) for _ in range(2))
    assert first.id == second.id
    clients.ask(database, first.id, "cancel")
    assert retries.retry(database, objects, parent, from_checkpoint=True).id != first.id
