"""Scores as rows: kept in the place of earlier ones, gone with what they are of."""

from jobs.lifecycle import attempts, clients, lookup, scores
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended
from jobs.lifecycle.scores import Score
from jobs.storage.database import Database
from tests.jobs.lifecycle.test_attempts import submit
from tests.jobs.lifecycle.test_moves import claim


def kept(database: Database, job_id: str) -> dict[str, Score]:
    with database.read() as connection:
        return scores.of_jobs(connection, [job_id]).get(job_id, {})


def test_what_is_kept_stands_in_the_place_of_what_was_there(database: Database) -> None:
    job, other = submit(database), submit(database)
    with database.write() as connection:
        scores.keep(connection, job.id, {"train.loss": Score(1.0, 0.5, 7), "test.loss": Score(2.0)})
        scores.keep(connection, job.id, {"train.loss": Score(None, 0.25, 9)})
        scores.keep(connection, other.id, {})
    assert kept(database, job.id) == {"train.loss": Score(None, 0.25, 9)}
    assert lookup.get(database, job.id).scores == {"train.loss": Score(None, 0.25, 9)}
    assert kept(database, other.id) == {}


def test_an_attempt_says_them_anew(database: Database) -> None:
    hold = claimed(database)
    attempts.record_progress(database, hold, 5, None, {"train.loss": Score(1.0, 0.5, 2)})
    attempts.end(database, hold, Ended("lost", reason="its worker is gone"))
    assert kept(database, hold.job_id) == {"train.loss": Score(1.0, 0.5, 2)}
    assert claim(database).job_id == hold.job_id
    assert kept(database, hold.job_id) == {}


def test_they_go_with_their_job(database: Database) -> None:
    hold = claimed(database)
    attempts.record_progress(database, hold, 5, None, {"train.loss": Score(1.0)})
    with database.write() as connection:
        clients.remove_rows(connection, [hold.job_id])
    assert kept(database, hold.job_id) == {}


def claimed(database: Database) -> Hold:
    submit(database)
    return claim(database)
