"""A job that starts from another one's network has a copy of it before it is queued, or is not queued."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from jobs.errors import InvalidSpec
from jobs.lifecycle import artifacts, clients, starting
from jobs.lifecycle.datasets import known
from jobs.lifecycle.job import Job
from jobs.models.sources import source_of
from jobs.series.write.joining import delete_retired
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.resolved import Resolved
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.folder import Folder
from jobs.storage.objects.protocol import Objects
from tests.support.trained_jobs import trained


class Crash(BaseException):
    """The process ends here."""


@pytest.fixture
def first(database: Database, settings: Settings) -> Job:
    return trained(database, settings).job


def started_from(first: Job, database: Database, settings: Settings, objects: Objects) -> Resolved:
    document = first.resolved.document | {"initial": {"job": first.id}}
    return check(json.dumps(document), known(database, settings, partial(source_of, database, objects)))


def before_copying(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]) -> None:
    copy = Folder.copy

    def copied(self: Folder, *args: Any) -> Any:
        then()
        return copy(self, *args)

    monkeypatch.setattr(Folder, "copy", copied)


def after_copying(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]) -> None:
    copy = Folder.copy

    def copied(self: Folder, *args: Any) -> Any:
        made = copy(self, *args)
        then()
        return made

    monkeypatch.setattr(Folder, "copy", copied)


def jobs_with_files(objects: Objects) -> set[str]:
    return {key.split("/")[1] for key in objects.keys("jobs")}


def ids(database: Database, column: Any) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(select(column)))


def test_the_copy_outlives_the_job_that_it_is_of(
    first: Job, database: Database, settings: Settings, objects: Objects
) -> None:
    second = starting.submit(database, objects, started_from(first, database, settings, objects))
    clients.remove(database, objects, first.id)
    (copy,) = artifacts.of(database, second.id)
    assert (copy.kind, copy.stored.sha256) == ("initial", first.weights_sha256)
    assert objects.read(copy.stored).nbytes == copy.stored.bytes
    assert ids(database, tables.retired.c.key) == []


def test_a_job_whose_source_is_deleted_meanwhile_is_not_queued(
    first: Job, database: Database, settings: Settings, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = started_from(first, database, settings, objects)
    before_copying(monkeypatch, lambda: clients.remove(database, objects, first.id))
    with pytest.raises(InvalidSpec, match=r"/initial/job: what job .* was deleted meanwhile"):
        starting.submit(database, objects, wanted)
    assert ids(database, tables.jobs.c.id) == []
    delete_retired(database, objects)
    assert jobs_with_files(objects) == set()
    assert ids(database, tables.retired.c.key) == []


def test_what_a_crash_leaves_of_a_job_that_was_not_queued_is_deleted_by_a_worker(
    first: Job, database: Database, settings: Settings, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash() -> None:
        raise Crash

    wanted = started_from(first, database, settings, objects)
    after_copying(monkeypatch, crash)
    with pytest.raises(Crash):
        starting.submit(database, objects, wanted)
    assert len(jobs_with_files(objects)) == 2
    delete_retired(database, objects)
    assert jobs_with_files(objects) == {first.id}


def test_a_worker_deletes_nothing_of_a_job_that_is_being_queued(
    first: Job, database: Database, settings: Settings, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = started_from(first, database, settings, objects)
    after_copying(monkeypatch, lambda: delete_retired(database, objects))
    second = starting.submit(database, objects, wanted)
    (copy,) = artifacts.of(database, second.id)
    assert objects.read(copy.stored).nbytes == copy.stored.bytes
