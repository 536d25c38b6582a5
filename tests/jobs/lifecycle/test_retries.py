"""What a retry takes over from its parent, whatever happens while it is made, and its place in an experiment."""

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from jobs.errors import DamagedObject, Gone
from jobs.experiments import clients as experiments
from jobs.experiments.clients import Experiment
from jobs.experiments.document import read
from jobs.experiments.members import members
from jobs.lifecycle import attempts, clients, lookup, retries
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended, Status
from jobs.lists.filters import ExperimentFilter
from jobs.series.write.joining import delete_retired
from jobs.settings import Settings
from jobs.spec.known import in_catalogue
from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.jobs.lifecycle.test_clients import FAILURE, failed_after, in_status, taken
from tests.support.listed import ids_of

SPEC = {"base": {"data": {"dataset": "synthetic"}}, "variants": {"one": {}, "two": {"batch_norm": True}}}


class Crash(BaseException):
    """The process ends here."""


def at_each_link(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]) -> None:
    """Let something happen each time when a file has been given a second name."""
    link = os.link

    def linked(source: Any, target: Any) -> None:
        link(source, target)
        then()

    monkeypatch.setattr(os, "link", linked)


def once(then: Callable[[], object]) -> Callable[[], object]:
    left = [then]
    return lambda: left.pop()() if left else None


def retired(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(select(tables.retired.c.key)))


def jobs_of(objects: Objects) -> set[str]:
    """The ids of jobs that have files."""
    return {key.split("/")[1] for key in objects.keys("jobs")}


@pytest.fixture
def parent(database: Database, objects: Objects) -> str:
    return failed_after(database, objects, checkpoint=40)


def test_who_writes_does_not_wait_while_a_retrys_files_are_linked(
    database: Database, objects: Objects, parent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []

    def write() -> None:
        row = select(tables.jobs.c.id).where(tables.jobs.c.id == parent).with_for_update(nowait=True)
        with database.write() as connection:
            written.append(connection.scalar(row))

    at_each_link(monkeypatch, write)
    child = retries.retry(database, objects, parent, from_checkpoint=True)
    assert written == [parent, parent]  # a checkpoint and a chunk
    assert jobs_of(objects) == {parent, child.id}
    assert retired(database) == []


def test_what_evaluations_decided_of_the_first_one_is_not_decided_of_its_retry(
    database: Database, objects: Objects
) -> None:
    job_id = in_status(database, Status.RUNNING)
    hold, weights = Hold(job_id, 1), Artifact("weights", 7, objects.put(keys.of_weights(job_id, 1), b"weights"))
    attempts.record_weights(database, hold, weights, stopped={"step": 7, "message": "enough"}, kept={"step": 5})
    attempts.end(database, hold, Ended("failed", FAILURE))
    parent, child = lookup.get(database, job_id), retries.retry(database, objects, job_id, from_checkpoint=True)
    assert (parent.stopped_at, child.stopped_at) == (7, None)
    assert (child.kept, child.weights_sha256) == (None, None)


def test_what_a_crash_leaves_of_a_retry_is_deleted_by_a_worker(
    database: Database, objects: Objects, parent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash() -> None:
        raise Crash

    at_each_link(monkeypatch, crash)
    with pytest.raises(Crash):
        retries.retry(database, objects, parent, from_checkpoint=True)
    assert len(jobs_of(objects)) == 2
    delete_retired(database, objects)
    assert jobs_of(objects) == {parent}
    assert retired(database) == []


def test_a_worker_deletes_nothing_of_a_retry_that_is_being_made(
    database: Database, objects: Objects, parent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_each_link(monkeypatch, lambda: delete_retired(database, objects))
    child = retries.retry(database, objects, parent, from_checkpoint=True)
    assert len(objects.keys(keys.of_job(child.id))) == 2


def test_a_retry_of_what_is_deleted_meanwhile_leaves_nothing(
    database: Database, objects: Objects, parent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_each_link(monkeypatch, once(lambda: clients.remove(database, objects, parent)))
    with pytest.raises(Gone, match="was deleted"):
        retries.retry(database, objects, parent, from_checkpoint=True)
    assert jobs_of(objects) == set()
    assert retired(database) == []


def test_a_retry_that_somebody_else_has_made_meanwhile_is_the_answer(
    database: Database, objects: Objects, parent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = []

    def retry() -> None:
        others.append(retries.retry(database, objects, parent, from_checkpoint=False))

    at_each_link(monkeypatch, once(retry))
    found = retries.retry(database, objects, parent, from_checkpoint=True)
    assert [found.id] == [other.id for other in others]
    assert jobs_of(objects) == {parent}
    assert retired(database) == []


def test_a_retry_from_what_is_missing_says_so_and_leaves_nothing(
    database: Database, objects: Objects, parent: str
) -> None:
    objects.delete(keys.of_checkpoint(parent, 1, 40))
    with pytest.raises(DamagedObject, match=r"40.checkpoint' is missing"):
        retries.retry(database, objects, parent, from_checkpoint=True)
    assert jobs_of(objects) == {parent}
    assert retired(database) == []
    assert retries.retry(database, objects, parent, from_checkpoint=False).status is Status.QUEUED


@pytest.fixture
def experiment(database: Database, settings: Settings) -> Experiment:
    spec = read(json.dumps(SPEC))
    return experiments.submit(database, spec, members(spec, in_catalogue(settings), range(1)))


def fail(database: Database) -> str:
    """The id of the oldest queued job, which has failed now."""
    hold = taken(database)
    attempts.end(database, hold, Ended("failed", FAILURE))
    return hold.job_id


def ids(database: Database, experiment: Experiment) -> dict[str, str]:
    """By variant the id of its job."""
    return {member.variant: job.id for member, job in experiments.get(database, experiment.id).jobs}


@pytest.mark.parametrize("from_checkpoint", [True, False])
def test_a_retry_takes_its_parents_place_in_the_experiment(
    database: Database, objects: Objects, experiment: Experiment, from_checkpoint: bool
) -> None:
    two = ids(database, experiment)["two"]
    first = fail(database)
    second = retries.retry(database, objects, first, from_checkpoint=from_checkpoint)
    clients.ask(database, second.id, "cancel")
    third = retries.retry(database, objects, second.id, from_checkpoint=from_checkpoint)
    assert ids(database, experiment) == {"one": third.id, "two": two}
    assert retries.retry(database, objects, second.id, from_checkpoint=from_checkpoint).id == third.id
    assert ids(database, experiment) == {"one": third.id, "two": two}
    experiments.cancel(database, experiment.id)
    experiments.remove(database, objects, experiment.id)
    assert ids_of(database) == [first, second.id]


def test_a_second_retry_takes_the_place_of_the_first_one_once_that_has_ended(
    database: Database, objects: Objects, experiment: Experiment
) -> None:
    first = fail(database)
    second = retries.retry(database, objects, first, from_checkpoint=False)
    clients.ask(database, second.id, "cancel")
    third = retries.retry(database, objects, second.id, from_checkpoint=False)
    assert retries.retry(database, objects, first, from_checkpoint=False).id == third.id  # it has not ended
    clients.ask(database, third.id, "cancel")
    fourth = retries.retry(database, objects, first, from_checkpoint=False)
    assert fourth.parent == first
    assert ids(database, experiment)["one"] == fourth.id


def test_an_experiment_is_deleted_of_which_somebody_has_deleted_every_job(
    database: Database, objects: Objects, experiment: Experiment
) -> None:
    experiments.cancel(database, experiment.id)
    for job_id in ids(database, experiment).values():
        clients.remove(database, objects, job_id)
    assert experiments.get(database, experiment.id).deleted == 2
    experiments.remove(database, objects, experiment.id)
    assert experiments.list_experiments(database, ExperimentFilter(), limit=9) == ((), None)


def test_a_job_that_two_delete_at_once_is_deleted_once(database: Database, objects: Objects, parent: str) -> None:
    clients.remove(database, objects, parent)
    with database.write() as connection:
        clients.remove_rows(connection, [parent])
    with pytest.raises(Gone):
        lookup.get(database, parent)
