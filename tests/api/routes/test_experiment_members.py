"""What an experiment says when its jobs were deleted, damaged or retried, or when all of them came to the same end."""

import math
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from jobs.lifecycle.job import JobError
from jobs.settings import Settings
from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support.asked_experiments import finish, submitted
from tests.support.disk import change, flip_a_bit
from tests.support.serving import assert_problem

DIVERGED = JobError("non_finite_loss", "it diverged")
BROKEN = JobError("exception", "it broke")


def look(client: httpx.Client, experiment: dict[str, Any], **asked: Any) -> Any:
    answer = client.get(f"/experiments/{experiment['id']}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def delete(client: httpx.Client, job_id: str) -> None:
    assert client.delete(f"/jobs/{job_id}").status_code == 204


def damage(settings: Settings, job_id: str) -> None:
    """Change a byte of everything that a job has recorded of its tests."""
    objects = open_objects(settings)
    for key in objects.keys(keys.of_job(job_id)):
        if "/test/" in key:
            change(objects, key, flip_a_bit)


def test_a_job_that_was_deleted_is_counted_wherever_the_experiment_is_shown(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    experiment = submitted(client, grid={}, seeds=2)
    assert (experiment["deleted"], [group["deleted"] for group in experiment["groups"]]) == (0, [0, 0])
    done, *_ = [finish(database, settings, [0.1, 0.5, 0.6]) for _ in range(3)]  # without, with, without
    delete(client, done.id)
    found = look(client, experiment)
    assert (len(found["jobs"]), found["deleted"]) == (3, 1)
    assert [(group["succeeded"], group["deleted"]) for group in found["groups"]] == [(1, 1), (1, 0)]
    (summary,) = client.get("/experiments").json()["experiments"]
    assert (summary["jobs"], summary["deleted"]) == ({"succeeded": 2, "queued": 1}, 1)


@pytest.fixture
def emptied(client: httpx.Client) -> dict[str, Any]:
    """An experiment whose every job was deleted."""
    experiment: dict[str, Any] = submitted(client, grid={}, seeds=2)
    for job in client.post(f"/experiments/{experiment['id']}/cancel").json()["jobs"]:
        delete(client, job["id"])
    return experiment


def test_an_experiment_whose_every_job_was_deleted_is_looked_at_and_compared(
    client: httpx.Client, emptied: dict[str, Any]
) -> None:
    path = f"/experiments/{emptied['id']}"
    found = look(client, emptied)
    assert (found["jobs"], found["deleted"], found["ended"]) == ([], 4, True)
    assert [(g["variant"], g["jobs"], g["deleted"]) for g in found["groups"]] == [
        ("without BN", [], 2),
        ("with BN", [], 2),
    ]
    assert {speedup["ratio"] for speedup in found["speedups"]} == {None}
    (summary,) = client.get("/experiments").json()["experiments"]
    assert (summary["jobs"], summary["deleted"]) == ({}, 4)
    compared = client.get(f"{path}/compare", params={"series": "test.accuracy"}).json()
    assert (compared["values"], compared["differences"]) == ([], [])
    assert_problem(client.get(f"{path}/ensemble"), 409, "not_allowed")


def test_an_experiment_whose_every_job_was_deleted_is_cancelled_grown_and_deleted(
    client: httpx.Client, emptied: dict[str, Any]
) -> None:
    path = f"/experiments/{emptied['id']}"
    assert client.post(f"{path}/cancel").status_code == 202
    grown = client.post(f"{path}/seeds", json={"seeds": 1}).json()
    assert ([job["seed"] for job in grown["jobs"]], grown["deleted"]) == ([9, 9], 4)
    for job in client.post(f"{path}/cancel").json()["jobs"]:
        delete(client, job["id"])
    assert client.delete(path).status_code == 204
    assert_problem(client.get(path), 404, "not_found")


def test_a_speedup_is_over_the_first_variant_of_the_document_even_where_its_jobs_were_deleted(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    experiment = submitted(client, variants={"one": {}, "two": {}, "three": {}}, grid={}, seeds=1, targets=[0.5])
    first, *_ = [finish(database, settings, [0.1, 0.6, 0.6]) for _ in range(3)]
    delete(client, first.id)
    found = look(client, experiment)["speedups"]
    assert [(s["variant"], s["over"], s["ratio"]) for s in found] == [("two", "one", None), ("three", "one", None)]


def test_a_damaged_job_is_named_and_keeps_nobody_from_the_rest(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    experiment = submitted(client, grid={}, seeds=2)
    path = f"/experiments/{experiment['id']}"
    whole, _, damaged = (finish(database, settings, [0.1, 0.5, accuracy]) for accuracy in (0.6, 0.8, 0.9))
    damage(settings, damaged.id)
    answers = {
        "look": (client.get(path), 200),
        "cancel": (client.post(f"{path}/cancel"), 202),
        "seeds": (client.post(f"{path}/seeds", json={"seeds": 1}), 202),
    }
    for answer, code in answers.values():
        assert answer.status_code == code, answer.text
        assert answer.json()["damaged"].keys() == {damaged.id}
        assert "does not match its checksum" in answer.json()["damaged"][damaged.id]
        group = answer.json()["groups"][0]
        assert group["jobs"][:2] == [whole.id, damaged.id]
        assert (group["succeeded"], group["damaged"]) == (2, [damaged.id])
        assert (group["final_accuracy"]["centre"], group["final_accuracy"]["n"]) == (pytest.approx(0.6), 1)
        assert [seed["measured"] is None for seed in group["seeds"][:2]] == [False, True]
        assert group["accuracy"]["n"] == [1, 1, 1]
        assert (group["steps_to"][0]["arrived"], group["steps_to"][0]["ended"]) == (1, 1)
    assert client.get(f"{path}/compare", params={"series": "test.accuracy"}).status_code == 200
    assert len(answers["seeds"][0].json()["jobs"]) == 6
    assert client.post(f"{path}/cancel").status_code == 202
    assert client.delete(path).status_code == 204


def test_a_retry_takes_its_parents_place(client: httpx.Client, database: Database, settings: Settings) -> None:
    experiment = submitted(client, grid={}, seeds=2)
    failed = finish(database, settings, [0.1], fails=BROKEN)
    retry = client.post(f"/jobs/{failed.id}/retry").json()
    found = look(client, experiment)
    assert (len(found["jobs"]), found["deleted"], found["ended"]) == (4, 0, False)
    (member,) = [job for job in found["jobs"] if job["id"] == retry["id"]]
    assert (member["variant"], member["seed"], member["status"]) == ("without BN", 7, "queued")
    assert failed.id not in [job["id"] for job in found["jobs"]]
    assert found["groups"][0]["failed"] == []
    assert client.post(f"/jobs/{failed.id}/retry").json()["id"] == retry["id"]
    cancelled = client.post(f"/experiments/{experiment['id']}/cancel").json()
    assert cancelled["ended"] is True
    again = client.post(f"/jobs/{retry['id']}/retry").json()["id"]
    assert again in [job["id"] for job in look(client, experiment)["jobs"]]
    client.post(f"/experiments/{experiment['id']}/cancel")
    assert client.delete(f"/experiments/{experiment['id']}").status_code == 204
    assert_problem(client.get(f"/jobs/{again}"), 410, "gone")
    for parent in (failed.id, retry["id"]):
        assert client.get(f"/jobs/{parent}").status_code == 200


def test_an_experiment_was_created_at_the_same_date_in_every_answer(client: httpx.Client) -> None:
    experiment = submitted(client)
    (summary,) = client.get("/experiments").json()["experiments"]
    looked_at = client.get(f"/experiments/{experiment['id']}").json()
    assert experiment["created"] == summary["created"] == looked_at["created"]
    assert experiment["created"].endswith("Z")


def test_bands_have_no_more_points_than_are_asked_for(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    base = {"data": {"dataset": "synthetic"}, "training": {"steps": 1000}, "evaluation": {"every": 1}}
    experiment = submitted(client, base=base, variants={"one": {}}, grid={}, seeds=1)
    done = finish(database, settings, [step / 1000 for step in range(1001)], every=1)
    for asked, every, number in ((None, 6, 168), (1001, 1, 1001), (100_000, 1, 1001), (2, 1000, 2), (10, 112, 10)):
        (group,) = look(client, experiment, **({} if asked is None else {"points": asked}))["groups"]
        assert (group["every"], len(group["step"])) == (every, number)
        assert group["step"] == sorted({*range(0, 1001, every), 1000})
        assert group["accuracy"]["median"] == pytest.approx([step / 1000 for step in group["step"]])
        assert group["steps_to"][0]["steps"]["centre"] == {"low": 499, "high": 500}  # of every step, whatever is shown
    assert client.post(f"/experiments/{experiment['id']}/cancel").json()["groups"] == look(client, experiment)["groups"]
    for wrong in (1, 100_001):
        refused = client.get(f"/experiments/{experiment['id']}", params={"points": wrong})
        assert_problem(refused, 422, "invalid_query")
    delete(client, done.id)


def test_a_loss_that_is_not_finite_is_infinite_as_the_document_says(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    experiment = submitted(client, grid={}, seeds=1)
    for accuracy in (math.nan, 0.5):
        finish(database, settings, [0.1, accuracy])
    answer = client.get(f"/experiments/{experiment['id']}/compare", params={"series": "test.loss"}).json()
    assert [value["value"]["centre"] for value in answer["values"]] == ["Infinity", 0.5]
    found = answer["differences"][0]["difference"]
    assert found == {"centre": "-Infinity", "low": None, "high": None, "coverage": None, "n": 1, "assumes": None}
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    kinds = schemas["NumberEstimate"]["properties"]["centre"]["anyOf"]
    assert {"type": "null"} in kinds
    assert {"type": "string", "enum": ["Infinity", "-Infinity"]} in kinds
    assert {"type": "null"} in schemas["BandAnswer"]["properties"]["median"]["items"]["anyOf"]


def test_an_experiment_of_an_earlier_release_answers_although_its_document_would_be_refused(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    rates = "/training/optimizer/learning_rate"
    experiment = submitted(client, variants={"one": {}}, grid={rates: [0.1 * i for i in range(1, 21)]}, seeds=2)
    asked_later = ("primary", "delta", "learned")
    whole = {name: value for name, value in experiment["document"].items() if name not in asked_later}
    document = whole | {"grid": {rates: [0.1] * 20}}
    with database.write() as connection:
        connection.execute(update(tables.experiments).values(document=document))
        connection.execute(update(tables.members).values(point={rates: 0.1}))
    for i in range(40):
        finish(database, settings, [0.1, 0.5 + i / 100])
    (group,) = look(client, experiment)["groups"]
    assert (len(group["jobs"]), group["deleted"], group["final_accuracy"]["n"]) == (40, 0, 40)
    assert group["final_accuracy"]["centre"] == pytest.approx(0.5 + 0.195)
    assert look(client, experiment)["document"] == experiment["document"] | document
    path = f"/experiments/{experiment['id']}"
    (value,) = client.get(f"{path}/compare", params={"series": "test.accuracy"}).json()["values"]
    assert value["value"]["n"] == 40
    assert client.get("/experiments").json()["experiments"][0]["deleted"] == 0
    assert client.post(f"{path}/cancel").status_code == 202
    assert client.delete(path).status_code == 204


ENDS: dict[str, Callable[[httpx.Client, Database, Settings, str], object]] = {
    "it waits": lambda _client, _database, _settings, _id: None,
    "it was cancelled": lambda client, _database, _settings, job_id: client.post(f"/jobs/{job_id}/cancel"),
    "it failed before it recorded anything": lambda _client, database, settings, _id: finish(
        database, settings, [], fails=BROKEN
    ),
    "it diverged at once": lambda _client, database, settings, _id: finish(
        database, settings, [math.nan], fails=DIVERGED
    ),
    "it succeeded": lambda _client, database, settings, _id: finish(database, settings, [0.1, 0.6, 0.7]),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_every_route_answers_whatever_came_of_all_jobs(
    client: httpx.Client,
    database: Database,
    settings: Settings,
    end: Callable[[httpx.Client, Database, Settings, str], object],
) -> None:
    experiment = submitted(client, grid={}, seeds=1)
    path = f"/experiments/{experiment['id']}"
    for job in experiment["jobs"]:
        end(client, database, settings, job["id"])
    found = look(client, experiment)
    assert [len(group["jobs"]) for group in found["groups"]] == [1, 1]
    assert client.get(f"{path}/compare", params={"series": "test.accuracy"}).status_code == 200
    assert_problem(client.get(f"{path}/ensemble"), 409, "not_allowed")
    assert client.post(f"{path}/seeds", json={"seeds": 1}).status_code == 202
    assert client.post(f"{path}/cancel").json()["ended"] is True
    assert client.get("/experiments").json()["experiments"][0]["deleted"] == 0
    assert client.delete(path).status_code == 204
