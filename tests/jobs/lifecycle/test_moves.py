"""Moves between statuses: legal ones alone, each with its event, and made nowhere else."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from jobs.errors import AttemptLost
from jobs.experiments import clients as experiments
from jobs.experiments.document import read
from jobs.experiments.members import members
from jobs.lifecycle import attempts, clients, lookup
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.events import CLIENT
from jobs.lifecycle.job import NEXT, Ended, JobError, Status
from jobs.lifecycle.moves import move
from jobs.lifecycle.workers import Worker
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.support.events import events_of, statuses_of
from tests.support.running_jobs import waits_are_over

ROOT = Path(__file__).parents[3]
WORKER = Worker("w1", "here", 1, 1, ("cpu",), 0.0, 0.0)


def submit(database: Database) -> str:
    return clients.submit(database, check('{"data": {"dataset": "synthetic"}}', in_catalogue(Settings()))).id


def claim(database: Database) -> Hold:
    waits_are_over(database)
    job = attempts.claim(database, WORKER)
    assert job is not None
    return Hold(job.id, job.attempt)


def told(database: Database, job_id: str) -> list[tuple[int, str, int | None, str, str]]:
    """A job's events as they read."""
    return [(each.number, each.level, each.attempt, each.by, each.message) for each in events_of(database, job_id)]


def test_what_a_job_goes_through_is_told_with_who_had_it_done_and_why(database: Database) -> None:
    job_id = submit(database)
    clients.ask(database, job_id, "pause")
    clients.ask(database, job_id, "resume")
    attempts.end(database, claim(database), Ended("drained"))
    attempts.end(database, claim(database), Ended("lost", reason="its worker is gone"), by="w2")
    attempts.end(database, claim(database), Ended("failed", JobError("exception", "it broke")))
    assert told(database, job_id) == [
        (1, "info", None, "client", "queued"),
        (2, "info", None, "client", "paused"),
        (3, "info", None, "client", "queued"),
        (4, "info", 1, "worker w1", "running on here"),
        (5, "info", 1, "worker w1", "queued: drained"),
        (6, "info", 2, "worker w1", "running on here"),
        (7, "warning", 2, "worker w2", "the attempt was lost: its worker is gone"),
        (8, "info", 2, "worker w2", "queued: lost: its worker is gone"),
        (9, "info", 3, "worker w1", "running on here"),
        (10, "error", 3, "worker w1", "it broke"),
        (11, "info", 3, "worker w1", "failed: it broke"),
    ]
    events = events_of(database, job_id)
    assert events[0].data == {"status": "queued"}
    assert events[6].data == {"outcome": "lost", "reason": "its worker is gone"}
    assert events[7].data == {"status": "queued", "outcome": "lost", "reason": "its worker is gone"}
    assert events[9].data == {"code": "exception", "message": "it broke", "retryable": False}
    assert [each.time for each in events] == sorted(each.time for each in events)
    assert [each.type for each in events if each.type != "status"] == ["warning", "error"]


def test_a_request_that_moves_nothing_is_no_event_and_what_comes_of_it_is_the_workers(database: Database) -> None:
    job_id = submit(database)
    hold = claim(database)
    clients.ask(database, job_id, "cancel")
    clients.ask(database, job_id, "cancel")
    assert statuses_of(database, job_id) == ["queued", "running"]
    attempts.end(database, hold, Ended("cancelled"))
    clients.ask(database, job_id, "cancel")
    assert told(database, job_id)[-1] == (3, "info", 1, "worker w1", "cancelled")


def test_an_attempt_that_could_write_nothing_left_no_event(database: Database) -> None:
    job_id = submit(database)
    hold = claim(database)
    attempts.end(database, hold, Ended("succeeded"))
    with pytest.raises(AttemptLost):
        attempts.end(database, hold, Ended("lost", reason="gone"))
    assert statuses_of(database, job_id) == ["queued", "running", "succeeded"]


@pytest.mark.parametrize("to", [status for status in Status if status is not Status.RUNNING])
def test_a_move_takes_those_jobs_alone_that_stand_where_it_is_the_next_one(database: Database, to: Status) -> None:
    running, paused, ended, queued = (submit(database) for _ in range(4))
    assert claim(database).job_id == running
    clients.ask(database, paused, "pause")
    clients.ask(database, ended, "cancel")
    before = {job_id: lookup.get(database, job_id).status for job_id in (running, paused, ended, queued)}
    with database.write() as connection:
        moved = {row.id for row in move(connection, tables.jobs.c.id.in_(before), to, by=CLIENT)}
    assert moved == {job_id for job_id, status in before.items() if to in NEXT[status]} - {
        running
    }  # its attempt goes on
    for job_id, status in before.items():
        assert lookup.get(database, job_id).status is (to if job_id in moved else status)
        assert statuses_of(database, job_id)[-1] == lookup.get(database, job_id).status


def test_jobs_that_are_made_or_moved_together_each_have_their_event(database: Database, settings: Settings) -> None:
    spec = read(json.dumps({"base": {"data": {"dataset": "synthetic"}}, "seeds": 3, "variants": {"a": {}, "b": {}}}))
    experiment = experiments.submit(database, spec, members(spec, in_catalogue(settings), range(3)))
    hold = claim(database)
    clients.ask(database, experiment.jobs[-1][1].id, "pause")
    experiments.cancel(database, experiment.id)
    attempts.end(database, hold, Ended("drained"))
    found = [statuses_of(database, job.id) for _, job in experiment.jobs]
    waited = ["queued", "cancelled"]
    assert found == [["queued", "running", "cancelled"], *[waited] * 4, ["queued", "paused", "cancelled"]]


def test_a_job_takes_its_events_along_when_it_is_deleted(database: Database, objects: Objects) -> None:
    job_id, other = submit(database), submit(database)
    clients.ask(database, job_id, "cancel")
    clients.remove(database, objects, job_id)
    with database.read() as connection:
        assert connection.scalars(select(tables.events.c.job_id)).all() == [other]


JOBS = ("jobs", "tables.jobs")
TAKE_COLUMNS = ("values", "write_row", "dict")  # what is called with columns by their names
SQL = re.compile(r"\b(insert\s+into|update)\s+[\"']?jobs\b", re.IGNORECASE)


def moves_in(source: str) -> Iterator[int]:
    """The lines in which a module makes a job, or names a status among the columns that it writes."""
    tree = ast.parse(source)
    names = {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(tree)}
    writes = not names.isdisjoint({"insert", "update", "write_row"})
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="insert"), args=[table, *_]) if ast.unparse(table) in JOBS:
                yield node.lineno
            case ast.Call(func=ast.Attribute(attr="insert", value=table)) if ast.unparse(table) in JOBS:
                yield node.lineno
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in TAKE_COLUMNS:
                if any(keyword.arg == "status" for keyword in node.keywords):
                    yield node.lineno
            case ast.Dict(keys=keys) if writes and any(_is_status(key) for key in keys):
                yield node.lineno
            case ast.Subscript(slice=key, ctx=ast.Store()) if _is_status(key):
                yield node.lineno
            case ast.Constant(value=str(text)) if SQL.search(text):
                yield node.lineno


def _is_status(key: ast.expr | None) -> bool:
    """Whether a dictionary's key is a status, as a string or as the column."""
    match key:
        case ast.Constant(value="status") | ast.Attribute(attr="status"):
            return True
        case _:
            return False


def test_no_other_module_makes_a_job_or_changes_a_status() -> None:
    found = {}
    for package in ("api", "jobs", "worker"):  # the others know of no database
        for path in (ROOT / package).rglob("*.py"):
            if lines := list(moves_in(path.read_text())):
                found[path.relative_to(ROOT).as_posix()] = lines
    assert list(found) == ["jobs/lifecycle/moves.py"], found


@pytest.mark.parametrize(
    "planted",
    [
        "update(tables.jobs).where(which).values(status=Status.QUEUED)",
        "update( jobs ).values( status = to )",
        "update(tables.jobs).values({'status': to})",
        "update(tables.jobs).values({tables.jobs.c.status: to})",
        "values = {\n  'status'\n  : to}\nupdate(tables.jobs).values(values)",
        "values['status'] = to",
        "tables.jobs.update().values(status=to)",
        "write_row(connection, hold, status=to)",
        "connection.execute(insert(tables.jobs), rows)",
        "tables.jobs.insert()",
        "text('UPDATE  jobs SET status = 1')",
        "op.execute('insert into jobs (id) values (1)')",
    ],
)
def test_a_change_of_a_status_that_somebody_plants_elsewhere_is_seen(planted: str) -> None:
    assert list(moves_in(planted))
