"""What happened to a job, over HTTP."""

import httpx
import pytest

from jobs.lifecycle import attempts, clients
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended, Job, JobError
from jobs.lifecycle.printed import printed
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support.serving import assert_problem


@pytest.fixture
def failed(database: Database, running: Job) -> Job:
    hold = Hold(running.id, running.attempt)
    attempts.end(database, hold, Ended("failed", JobError("exception", "it broke")), printed(b"oh\n", 3, 0))
    return running


def test_what_happened_to_a_job_is_listed_with_what_its_process_printed(client: httpx.Client, failed: Job) -> None:
    answer = client.get(f"/jobs/{failed.id}/events").json()
    assert answer["next"] is None
    told = [(each["number"], each["type"], each["level"], each["attempt"]) for each in answer["events"]]
    assert told == [
        (1, "status", "info", None),
        (2, "status", "info", 1),
        (3, "output", "info", 1),
        (4, "error", "error", 1),
        (5, "status", "info", 1),
    ]
    assert answer["events"][2] | {"time": ""} == {
        "number": 3,
        "time": "",
        "type": "output",
        "level": "info",
        "attempt": 1,
        "by": "worker w1",
        "message": "oh\n",
        "data": {"bytes": 3, "left_out": 0},
    }
    assert answer["events"][3]["data"]["code"] == "exception"


def test_pages_level_and_type_choose(client: httpx.Client, failed: Job) -> None:
    def numbers(query: str) -> tuple[list[int], int | None]:
        answer = client.get(f"/jobs/{failed.id}/events?{query}").json()
        return [each["number"] for each in answer["events"]], answer["next"]

    assert numbers("limit=2") == ([1, 2], 2)
    assert numbers("limit=2&after=2") == ([3, 4], 4)
    assert numbers("limit=2&after=4") == ([5], None)
    assert numbers("limit=5") == ([1, 2, 3, 4, 5], None)
    assert numbers("after=2147483647") == ([], None)
    assert numbers("level=warning") == ([4], None)
    assert numbers("type=status") == ([1, 2, 5], None)


@pytest.mark.parametrize(
    ("query", "parameter", "words"),
    [
        ("after=-1", "after", "must be a whole number of at least 0, not -1"),
        ("after=99999999999", "after", "of at most 2147483647"),
        ("level=warn", "level", "the nearest is 'warning'"),
        ("type=outputs", "type", "the nearest is 'output'"),
        ("limit=0", "limit", "of at least 1"),
        ("limit=1001", "limit", "of at most 1000"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(
    client: httpx.Client, failed: Job, query: str, parameter: str, words: str
) -> None:
    answer = client.get(f"/jobs/{failed.id}/events?{query}")
    assert_problem(answer, 422, "invalid_query")
    (error,) = answer.json()["errors"]
    assert error["parameter"] == parameter
    assert words in error["message"]


def test_a_job_that_is_gone_says_when_and_by_whom_it_was_deleted(
    client: httpx.Client, database: Database, settings: Settings, failed: Job
) -> None:
    assert_problem(client.get("/jobs/0000000000000/events"), 404, "not_found")
    clients.remove(database, open_objects(settings), failed.id)
    answer = client.get(f"/jobs/{failed.id}/events")
    assert_problem(answer, 410, "gone")
    assert "was deleted at 20" in answer.json()["detail"]
    assert answer.json()["detail"].endswith(" UTC by a client")
