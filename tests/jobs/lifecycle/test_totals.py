"""What has ended is counted for good."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from jobs.errors import BnlabError
from jobs.experiments import clients as experiments
from jobs.experiments.document import read
from jobs.experiments.members import members
from jobs.lifecycle import attempts, clients
from jobs.lifecycle.attempts import MAX_LOSSES, Hold
from jobs.lifecycle.job import Ended, JobError
from jobs.lifecycle.totals import FAILURES, Total, count, of_all
from jobs.lifecycle.workers import Worker
from jobs.settings import Settings
from jobs.spec.known import in_catalogue
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.support.running_jobs import waits_are_over
from tests.support.workers import submit

WORKER = Worker("w1", "here", 1, 1, ("cpu",), 0.0, 0.0)
LOST = Ended("lost", reason="its worker is gone")


def totals(database: Database) -> dict[tuple[str, ...], int]:
    """Every total by its words."""
    with database.read() as connection:
        found = of_all(connection)
    return {tuple(filter(None, vars(total).values())): number for total, number in found.items()}


def tried(database: Database, ended: Ended) -> str:
    """The job of an attempt that was made, and ended so."""
    waits_are_over(database)
    job = attempts.claim(database, WORKER)
    assert job is not None
    attempts.end(database, Hold(job.id, job.attempt), ended)
    return job.id


def test_attempts_are_counted_by_how_they_ended_and_jobs_by_why(database: Database) -> None:
    for _ in range(3):
        submit(database)
    tried(database, Ended("succeeded"))
    tried(database, Ended("drained"))
    tried(database, Ended("failed", JobError("time_limit", "it took too long")))
    for _ in range(MAX_LOSSES):
        tried(database, LOST)
    clients.ask(database, submit(database).id, "cancel")
    assert totals(database) == {
        ("attempts", "succeeded"): 1,
        ("attempts", "drained"): 1,
        ("attempts", "failed"): 1,
        ("attempts", "lost"): MAX_LOSSES,
        ("jobs_ended", "succeeded"): 1,
        ("jobs_ended", "failed", "time_limit"): 1,
        ("jobs_ended", "failed", "poison"): 1,
        ("jobs_ended", "cancelled"): 1,
    }


def test_what_is_asked_for_twice_is_counted_once_and_what_is_deleted_stays_counted(
    database: Database, objects: Objects
) -> None:
    submit(database)
    job_id = tried(database, Ended("cancelled"))
    clients.ask(database, job_id, "cancel")
    before = totals(database)
    clients.remove(database, objects, job_id)
    assert totals(database) == before == {("attempts", "cancelled"): 1, ("jobs_ended", "cancelled"): 1}


def test_every_code_that_the_programs_give_a_failed_job_is_listed() -> None:
    root = Path(__file__).parents[3]
    sources = [path.read_text() for folder in ("jobs", "worker") for path in (root / folder).rglob("*.py")]
    given = {code for source in sources for code in re.findall(r'JobError\(\s*"(\w+)"', source)}
    assert {"exception", "poison", "time_limit"} <= given <= set(FAILURES)
    assert set(FAILURES) - given <= codes(BnlabError)


def codes(error: type[BnlabError]) -> set[str]:
    """Of an error and of all below it."""
    return {error.code}.union(*map(codes, error.__subclasses__()))


def test_a_transaction_that_fails_has_counted_nothing(database: Database) -> None:
    submit(database)

    def full(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "totals" in statement:
            raise OSError("there is no room")

    event.listen(database.engine, "after_cursor_execute", full)
    with pytest.raises(OSError, match="no room"):
        tried(database, Ended("succeeded"))
    event.remove(database.engine, "after_cursor_execute", full)
    assert totals(database) == {}


def test_totals_are_locked_in_one_order_in_one_statement(database: Database) -> None:
    asked: list[Any] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "INSERT INTO totals" in statement:
            asked.append(parameters)

    event.listen(database.engine, "before_cursor_execute", note)
    with database.write() as connection:
        count(connection, [Total("jobs_ended", "failed", "poison"), Total("attempts", "lost")], 2)
        count(connection, [], 2)
    event.remove(database.engine, "before_cursor_execute", note)
    (parameters,) = asked
    given = list(parameters.values()) if isinstance(parameters, dict) else list(parameters)
    assert given == ["attempts", "lost", "", 2, "jobs_ended", "failed", "poison", 2]


def test_workers_and_clients_that_end_the_same_jobs_at_once_miscount_nothing(
    database: Database, settings: Settings
) -> None:
    """A client that cancels an experiment changes its running jobs too, whose workers are about to count."""
    spec = read(json.dumps({"base": {"data": {"dataset": "synthetic"}}, "variants": {"a": {}}, "seeds": 8}))
    planned = members(spec, in_catalogue(settings), range(8))
    ids = [experiments.submit(database, spec, planned).id for _ in range(6)]

    def work(number: int) -> None:
        worker = Worker(f"w{number}", "here", number, 1, ("cpu",), 0.0, 0.0)
        while (job := attempts.claim(database, worker)) is not None:
            attempts.end(database, Hold(job.id, job.attempt), Ended("cancelled"))

    with ThreadPoolExecutor(6) as others:
        working = [others.submit(work, number) for number in range(3)]
        for cancelled in [others.submit(experiments.cancel, database, each) for each in reversed(ids)]:
            cancelled.result()
        for worked in working:
            worked.result()
    with database.read() as connection:
        statuses = connection.scalars(select(tables.jobs.c.status)).all()
        tries = connection.scalars(select(tables.attempts.c.outcome)).all()
    assert set(statuses) == {"cancelled"}
    counted = totals(database)
    assert counted["jobs_ended", "cancelled"] == len(statuses) == 48
    assert counted.get(("attempts", "cancelled"), 0) == len(tries)
