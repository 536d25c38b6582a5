"""What a training leaves: found by its kind, real once, hidden by whoever begins before it."""

import pytest

from jobs.lifecycle import artifacts
from jobs.lifecycle.artifacts import Artifact
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Stored
from tests.jobs.lifecycle.test_attempts import submit

ALL = (
    Artifact("checkpoint", 20, Stored("20", 1, "a")),
    Artifact("checkpoint", 10, Stored("10", 1, "b")),
    Artifact("probabilities", 20, Stored("p", 1, "c")),
    Artifact("weights", 20, Stored("w", 1, "d")),
)


@pytest.fixture
def job_id(database: Database) -> str:
    """A job that has one of each, and a second checkpoint."""
    job_id = submit(database).id
    with database.write() as connection:
        for artifact in ALL:
            artifacts.keep(connection, job_id, artifact)
    return job_id


def test_a_jobs_artifacts_come_by_kind_and_from_the_newest_on(database: Database, job_id: str) -> None:
    assert artifacts.of(database, job_id) == ALL
    assert artifacts.of(database, submit(database).id) == ()


def test_those_of_a_kind_are_found_for_many_jobs_at_once(database: Database, job_id: str) -> None:
    other = submit(database).id
    assert artifacts.of_kind(database, "weights", [job_id, other]) == {job_id: ALL[-1].stored}
    assert artifacts.of_kind(database, "checkpoint", [job_id]) == {job_id: ALL[0].stored}


def test_what_is_kept_twice_is_there_once_as_it_was_kept_last(database: Database, job_id: str) -> None:
    again = Artifact("weights", 20, Stored("w", 2, "e"))
    with database.write() as connection:
        artifacts.keep(connection, job_id, again)
    assert artifacts.of(database, job_id) == (*ALL[:-1], again)


@pytest.mark.parametrize(("step", "left"), [(20, ALL[:2]), (19, ALL[1:2]), (-1, ())])
def test_what_comes_after_a_step_is_hidden_and_so_are_results(
    database: Database, job_id: str, step: int, left: tuple[Artifact, ...]
) -> None:
    with database.write() as connection:
        artifacts.hide_after(connection, job_id, step)
    assert artifacts.of(database, job_id) == left


def test_what_is_dropped_is_gone_and_nothing_else(database: Database, job_id: str) -> None:
    with database.write() as connection:
        artifacts.drop(connection, job_id, ALL[1:2])
    assert artifacts.of(database, job_id) == (ALL[0], *ALL[2:])
