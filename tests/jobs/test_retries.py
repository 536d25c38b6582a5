"""What a retry takes over from its parent, whatever happens while it is made."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from jobs import tables, verbs
from jobs.database import Database
from jobs.errors import DamagedObject, Gone
from jobs.job import Status
from jobs.objects import Objects
from jobs.series.joining import delete_retired
from tests.jobs.test_verbs import failed_after


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
    child = verbs.retry(database, objects, parent, from_checkpoint=True)
    assert written == [parent, parent]  # a checkpoint and a chunk
    assert jobs_of(objects) == {parent, child.id}
    assert retired(database) == []


def test_what_a_crash_leaves_of_a_retry_is_deleted_by_a_worker(
    database: Database, objects: Objects, parent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash() -> None:
        raise Crash

    at_each_link(monkeypatch, crash)
    with pytest.raises(Crash):
        verbs.retry(database, objects, parent, from_checkpoint=True)
    assert len(jobs_of(objects)) == 2
    delete_retired(database, objects)
    assert jobs_of(objects) == {parent}
    assert retired(database) == []


def test_a_worker_deletes_nothing_of_a_retry_that_is_being_made(
    database: Database, objects: Objects, parent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_each_link(monkeypatch, lambda: delete_retired(database, objects))
    child = verbs.retry(database, objects, parent, from_checkpoint=True)
    assert len(objects.keys(f"jobs/{child.id}")) == 2


def test_a_retry_of_what_is_deleted_meanwhile_leaves_nothing(
    database: Database, objects: Objects, parent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_each_link(monkeypatch, once(lambda: verbs.remove(database, objects, parent)))
    with pytest.raises(Gone, match="was deleted"):
        verbs.retry(database, objects, parent, from_checkpoint=True)
    assert jobs_of(objects) == set()
    assert retired(database) == []


def test_a_retry_that_somebody_else_has_made_meanwhile_is_the_answer(
    database: Database, objects: Objects, parent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = []

    def retry() -> None:
        others.append(verbs.retry(database, objects, parent, from_checkpoint=False))

    at_each_link(monkeypatch, once(retry))
    found = verbs.retry(database, objects, parent, from_checkpoint=True)
    assert [found.id] == [other.id for other in others]
    assert jobs_of(objects) == {parent}
    assert retired(database) == []


def test_a_retry_from_what_is_missing_says_so_and_leaves_nothing(
    database: Database, objects: Objects, parent: str
) -> None:
    objects.delete(f"jobs/{parent}/1/40.checkpoint")
    with pytest.raises(DamagedObject, match=r"40.checkpoint' is missing"):
        verbs.retry(database, objects, parent, from_checkpoint=True)
    assert jobs_of(objects) == {parent}
    assert retired(database) == []
    assert verbs.retry(database, objects, parent, from_checkpoint=False).status is Status.QUEUED
