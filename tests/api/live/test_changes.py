"""An answer that waits for a change comes with it, and at the latest when it was to come."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from jobs.lifecycle import attempts, clients
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended, Job
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support.serving import assert_problem

LONG = 30.0  # seconds: what comes sooner has not waited to its end


@contextmanager
def meanwhile(act: Callable[[], Any], after: float = 0.6) -> Iterator[None]:
    """Have something done a moment later."""
    timer = threading.Timer(after, act)
    timer.start()
    yield
    timer.join()


def asked(
    client: httpx.Client, job: Job | str, wait: float = LONG, known: str | None = None
) -> tuple[httpx.Response, float]:
    """The answer, and how long it took."""
    job_id = job if isinstance(job, str) else job.id
    headers = {} if known is None else {"If-None-Match": known}
    began = time.monotonic()
    answer = client.get(f"/jobs/{job_id}", params={"wait": wait}, headers=headers, timeout=2 * LONG)
    return answer, time.monotonic() - began


def test_a_status_that_changes_ends_the_wait(client: httpx.Client) -> None:
    job_id = client.post("/jobs", json={}).json()["id"]
    with meanwhile(lambda: client.post(f"/jobs/{job_id}/cancel").raise_for_status()):
        answer, seconds = asked(client, job_id)
    assert answer.json()["status"] == "cancelled"
    assert 0.5 < seconds < LONG / 2


def test_progress_and_labels_end_the_wait_too(client: httpx.Client, database: Database, running: Job) -> None:
    hold = Hold(running.id, running.attempt)
    with meanwhile(lambda: attempts.record_progress(database, hold, 50, None, {})):
        answer, seconds = asked(client, running)
    assert (answer.json()["progress"]["step"], seconds < LONG / 2) == (50, True)
    with meanwhile(lambda: client.patch(f"/jobs/{running.id}", json={"name": "b"}).raise_for_status()):
        answer, seconds = asked(client, running)
    assert (answer.json()["name"], seconds < LONG / 2) == ("b", True)


def test_what_a_client_does_not_know_is_answered_at_once(client: httpx.Client, running: Job) -> None:
    answer, seconds = asked(client, running, known='"0-abc"')
    assert (answer.status_code, seconds < LONG / 2) == (200, True)


def test_where_nothing_changes_the_answer_comes_in_the_end(client: httpx.Client, running: Job) -> None:
    answer, seconds = asked(client, running, 0.5)
    assert (answer.status_code, seconds >= 0.5) == (200, True)
    again, seconds = asked(client, running, 0.5, known=answer.headers["etag"])
    assert (again.status_code, seconds >= 0.5) == (304, True)


def test_a_job_that_has_ended_or_is_gone_is_not_waited_for(
    client: httpx.Client, database: Database, settings: Settings, finished: Job
) -> None:
    for job_id, code in ((finished.id, 200), ("nobody", 404)):
        answer, seconds = asked(client, job_id)
        assert (answer.status_code, seconds < LONG / 2) == (code, True)
    other = client.post("/jobs", json={}).json()["id"]

    def remove() -> None:
        clients.ask(database, other, "cancel")
        clients.remove(database, open_objects(settings), other)

    with meanwhile(remove):
        answer, seconds = asked(client, other)
    assert answer.status_code in (200, 410)
    assert seconds < LONG / 2


@pytest.mark.parametrize("wait", ["-1", "0", "61", "nan", "inf", "long", "1e999"])
def test_a_wait_that_makes_no_sense_is_refused(client: httpx.Client, running: Job, wait: str) -> None:
    answer = client.get(f"/jobs/{running.id}", params={"wait": wait})
    assert_problem(answer, 422, "invalid_query")
    assert answer.json()["errors"][0]["parameter"] == "wait"


def test_an_attempt_that_ends_is_told_to_all_who_wait(client: httpx.Client, database: Database, running: Job) -> None:
    found: list[str] = []

    def wait() -> None:
        answer, _ = asked(client, running)
        found.append(answer.json()["status"])

    waiting = [threading.Thread(target=wait) for _ in range(4)]
    for thread in waiting:
        thread.start()
    with meanwhile(lambda: attempts.end(database, Hold(running.id, running.attempt), Ended("succeeded"))):
        for thread in waiting:
            thread.join()
    assert found == ["succeeded"] * 4
