"""Answers in pages, from a real API and from a server that says what a test wants."""

import json
from contextlib import closing
from typing import Any

import httpx

from bnlab import Client
from bnlab.sdk.pages import joined
from jobs.lifecycle import clients
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Job
from jobs.series.format.schema import TRAIN
from jobs.series.read.selection import PAGE_ROWS
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support import recorded_jobs
from tests.support.stranger import Answer, stranger


def test_jobs_are_listed_newest_first_however_many_pages_that_takes(
    client: Client, database: Database, settings: Settings
) -> None:
    accepted = check(recorded_jobs.DOCUMENT, in_catalogue(settings))
    made = {clients.submit(database, accepted).id for _ in range(105)}
    listed = [job["id"] for job in client.jobs(limit=1000)]
    assert listed == sorted(made, reverse=True)
    assert [job["id"] for job in client.jobs(limit=103)] == listed[:103]
    assert [job["id"] for job in client.jobs()] == listed[:20]


def test_a_series_of_several_pages_comes_whole(
    client: Client, database: Database, settings: Settings, running: Job
) -> None:
    steps = PAGE_ROWS + 50
    writer = Writer(Held(database, open_objects(settings), Hold(running.id, running.attempt)))
    writer.append(TRAIN, recorded_jobs.rows(range(1, steps + 1), ("loss",)))
    writer.commit(steps_per_second=400.0)
    answer = client.metrics(running.id)
    assert answer["train"]["step"] == list(range(1, steps + 1))
    assert len(answer["train"]["loss"]) == len(answer["train"]["time"]) == steps
    assert answer["next"] is None
    with closing(httpx.Client(base_url=client.url, trust_env=False)) as plain:  # else this test shows nothing
        assert plain.get(f"/jobs/{running.id}/metrics").json()["next"] == PAGE_ROWS + 1


def test_a_series_that_begins_anew_while_it_is_read_is_read_again() -> None:
    def page(attempt: int, following: int | None, *steps: int) -> Answer:
        columns: dict[str, Any] = {"attempt": attempt, "next": following, "train": {"step": steps}}
        return 200, "application/json", json.dumps(columns)

    pages = [page(1, 2, 1), page(2, None), page(2, 2, 1), page(2, None, 2)]
    with stranger(pages.__getitem__) as (url, asked), Client(url) as client:
        assert client.metrics("1") == {"attempt": 2, "next": None, "train": {"step": [1, 2]}}
    assert asked == ["GET /jobs/1/metrics", "GET /jobs/1/metrics?from=2"] * 2


def test_whole_columns_are_joined_and_of_all_else_the_last_page_says_how_it_is() -> None:
    pages = [
        {"watermark": 1, "layers": {"hidden1": {"p50": [0.1]}}},
        {"watermark": 2, "layers": {"hidden1": {"p50": [0.2]}, "hidden2": {"p50": [0.3]}}},
    ]
    layers = {"hidden1": {"p50": [0.1, 0.2]}, "hidden2": {"p50": [0.3]}}
    assert joined(pages) == {"watermark": 2, "layers": layers}
