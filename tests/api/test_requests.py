"""Requests that no client should send, on every route."""

import gzip
import re

import httpx
import pytest

from api.app import create_app
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from tests.support.serving import assert_problem

EXPERIMENT = {"base": {"data": {"dataset": "synthetic"}}, "variants": {"with BN": {"batch_norm": True}}, "seeds": 2}


def test_a_null_character_in_a_path_is_not_found_on_every_route(client: httpx.Client, settings: Settings) -> None:
    operations = create_app(settings).openapi()["paths"]
    paths = [(method, path) for path, methods in operations.items() for method in methods if "{" in path]
    assert len(paths) > 15
    for method, path in paths:
        url = re.sub("{.*?}", "a%00b", path)
        assert_problem(client.request(method, url, params={"series": "test.loss"}), 404, "not_found")
    assert_problem(client.get("/swagger/a%00b"), 404, "not_found")
    assert_problem(client.get("/%00"), 404, "not_found")


def test_a_null_character_in_a_parameter_is_refused_on_every_route(
    client: httpx.Client, settings: Settings, finished: Job
) -> None:
    operations = create_app(settings).openapi()["paths"]
    asked = [
        (method, path, parameter["name"])
        for path, methods in operations.items()
        for method, operation in methods.items()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query"
    ]
    assert len(asked) > 40
    experiment = client.post("/experiments", json=EXPERIMENT).json()["id"]
    for method, path, name in asked:
        url = path.replace("{job_id}", finished.id).replace("{experiment_id}", experiment)
        answer = client.request(method, url, params={name: "a\0b"})
        assert_problem(answer, 422, "invalid_query")
        assert [error["parameter"] for error in answer.json()["errors"]] == [name], (method, path)


@pytest.mark.parametrize("path", ["/jobs", "/jobs/validate", "/experiments", "/experiments/none/seeds"])
def test_an_encoded_body_is_refused_as_such(client: httpx.Client, path: str) -> None:
    for encoding in ("gzip", "br", "GZIP, identity", "nonesuch"):
        headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
        answer = client.post(path, content=gzip.compress(b"{}"), headers=headers)
        problem = assert_problem(answer, 415, "not_json")
        assert "without Content-Encoding" in str(problem["detail"])
        assert answer.headers["accept-encoding"] == "identity"


def test_a_body_that_says_that_it_is_as_it_is_is_read(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "identity"}
    assert client.post("/jobs", content=b"{}", headers=headers).status_code == 202


@pytest.mark.parametrize("path", ["/jobs", "/experiments"])
def test_a_list_behind_what_is_no_cursor_is_refused(client: httpx.Client, path: str) -> None:
    for cursor in ("", "nobody", "1m88g7nq4p9df", "W10", "bnVsbA", "1m88g7nq4p9d\n", "x" * 10_000):
        answer = client.get(path, params={"cursor": cursor})
        assert_problem(answer, 422, "invalid_query")
        assert answer.json()["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize("verb", ["cancel", "pause", "resume", "retry"])
def test_a_body_that_would_be_ignored_is_refused(client: httpx.Client, running: Job, verb: str) -> None:
    path = f"/jobs/{running.id}/{verb}"
    refused = assert_problem(client.post(path, json={"from": "scratch"}), 422, "invalid_spec")
    assert "this takes no body" in str(refused["detail"])
    assert_problem(client.request("DELETE", f"/jobs/{running.id}", json=[1]), 422, "invalid_spec")
    assert client.post(path, json={}).status_code in (202, 409)


@pytest.mark.parametrize(
    "query",
    ["since=inf", "until=1e999", "since=nan", f"points={'9' * 400}", "from=-1", "after=1.5", "points=1"],
)
def test_a_part_of_a_series_is_asked_for_by_numbers_that_there_are(
    client: httpx.Client, finished: Job, query: str
) -> None:
    name = query.partition("=")[0]
    refused = assert_problem(client.get(f"/jobs/{finished.id}/metrics?{query}"), 422, "invalid_query")
    assert str(refused["detail"]).startswith(f"{name}: ")


def test_a_name_of_a_client_is_not_sent_back_whole(client: httpx.Client, finished: Job) -> None:
    for path in (f"/jobs/{finished.id}/activations?layer=", "/stream?jobs="):
        refused = client.get(path + "x" * 20_000)
        assert refused.is_client_error
        assert len(refused.content) < 5000, path
