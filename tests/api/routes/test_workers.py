"""Who trains jobs, how many wait, and where a queued job stands among them."""

from dataclasses import replace
from importlib.metadata import version

import httpx

from jobs.lifecycle import attempts
from jobs.lifecycle.workers import announce
from jobs.storage.database import Database
from tests.support import recorded_jobs
from tests.support.serving import assert_problem
from tests.support.workers import submit

WORKER = replace(recorded_jobs.a_worker(), slots=2, devices=("cpu", "cuda"))
SICK = replace(recorded_jobs.a_worker(), id="w2", host="there", slots=4, trouble="3 trainers in a row failed")


def test_where_nothing_is_there_are_no_workers_and_nothing_waits(client: httpx.Client) -> None:
    answer = client.get("/workers").json()
    assert answer["workers"] == []
    empty = {"queued": 0, "running": 0, "paused": 0, "oldest_seconds": None, "steps_per_second": 0.0}
    assert answer["queue"] == empty
    assert answer["server"]["version"] == version("bnlab")
    assert 0 < answer["server"]["free_bytes"] <= answer["server"]["disk_bytes"]


def test_each_worker_is_shown_with_what_it_trains_or_why_it_claims_nothing(
    client: httpx.Client, database: Database
) -> None:
    job, _ = submit(database, name="a"), submit(database)
    for worker in (WORKER, SICK):
        announce(database, worker)
    attempts.claim(database, WORKER)
    answer = client.get("/workers").json()
    well, sick = answer["workers"]
    assert 0 <= well.pop("last_beat_seconds") < 10
    assert well.pop("started").endswith("Z")
    run = {"id": job.id, "name": "a", "attempt": 1, "step": 0, "steps": 300, "steps_per_second": None}
    assert well == {
        "id": "w1",
        "host": "here",
        "pid": 1,
        "devices": ["cpu", "cuda"],
        "slots": 2,
        "busy": 1,
        "free": 1,
        "trouble": None,
        "jobs": [run],
    }
    assert (sick["trouble"], sick["busy"], sick["free"], sick["jobs"]) == (SICK.trouble, 0, 0, [])
    assert (answer["queue"]["queued"], answer["queue"]["running"]) == (1, 1)
    assert answer["queue"]["oldest_seconds"] >= 0


def test_a_queued_job_says_how_many_are_ahead_of_it_and_no_other_does(client: httpx.Client, database: Database) -> None:
    ids = []
    for expected in range(3):
        answer = client.post("/jobs", json={"data": {"dataset": "synthetic"}}).json()
        assert answer["queue"] == {"ahead": expected}
        ids.append(answer["id"])
    recorded_jobs.take(database)
    assert [client.get(f"/jobs/{each}").json()["queue"] for each in ids] == [None, {"ahead": 0}, {"ahead": 1}]
    assert client.post(f"/jobs/{ids[1]}/cancel").json()["queue"] is None
    assert client.get(f"/jobs/{ids[2]}").json()["queue"] == {"ahead": 0}


def test_workers_take_no_parameter(client: httpx.Client) -> None:
    assert_problem(client.get("/workers?host=here"), 422, "invalid_query")
