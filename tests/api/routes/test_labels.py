"""What a job is called may be changed, guarded by what a client has seen; what it trains is fixed."""

from typing import Any

import httpx
import pytest

from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Job
from jobs.storage.database import Database
from tests.support.serving import assert_problem

DOCUMENT = {"name": "a", "tags": ["x"], "metadata": {"k": 1, "l": {"m": 2}}, "data": {"dataset": "synthetic"}}


@pytest.fixture
def job(client: httpx.Client) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/jobs", json=DOCUMENT).raise_for_status().json()
    return answer


def test_labels_are_changed_by_a_merge_patch_and_found_by_at_once(client: httpx.Client, job: dict[str, Any]) -> None:
    patch = {"name": None, "tags": ["y", "z"], "metadata": {"k": None, "l": {"n": 3}}, "retain": True}
    headers = {"Content-Type": "application/merge-patch+json"}
    changed = client.patch(f"/jobs/{job['id']}", json=patch, headers=headers).raise_for_status().json()
    assert (changed["name"], changed["tags"], changed["retain"]) == (None, ["y", "z"], True)
    assert changed["metadata"] == {"l": {"m": 2, "n": 3}}
    labels = {"name": None, "tags": ["y", "z"], "metadata": {"l": {"m": 2, "n": 3}}, "retain": True}
    assert changed["spec"] == job["spec"] | labels
    assert changed["spec_sha256"] == job["spec_sha256"]
    assert client.get(f"/jobs/{job['id']}").json() == changed
    assert [each["id"] for each in client.get("/jobs?tag=y").json()["jobs"]] == [job["id"]]
    assert client.get("/jobs?tag=x").json()["jobs"] == client.get("/jobs?name=a").json()["jobs"] == []


def test_a_change_of_what_somebody_else_has_changed_meanwhile_is_refused(
    client: httpx.Client, job: dict[str, Any]
) -> None:
    path = f"/jobs/{job['id']}"
    seen = client.get(path).headers["etag"]
    assert client.patch(path, json={"name": "b"}, headers={"If-Match": seen}).status_code == 200
    problem = assert_problem(client.patch(path, json={"name": "c"}, headers={"If-Match": seen}), 412, "stale")
    assert "changed meanwhile" in str(problem["detail"])
    for never in ('"of another server"', "nothing"):
        assert client.patch(path, json={"name": "c"}, headers={"If-Match": never}).status_code == 412
    assert client.get(path).json()["name"] == "b"
    now = client.get(path).headers["etag"]
    for there in ("*", f'"other", {now}'):
        assert client.patch(path, json={"name": "b"}, headers={"If-Match": there}).status_code == 200


def test_a_running_job_that_goes_on_is_no_change_of_its_labels(
    client: httpx.Client, database: Database, running: Job
) -> None:
    path = f"/jobs/{running.id}"
    seen = client.get(path).headers["etag"]
    attempts.record_progress(database, Hold(running.id, running.attempt), 50, 300.0, {})
    assert client.get(path).headers["etag"] != seen
    assert client.patch(path, json={"name": "b"}, headers={"If-Match": seen}).status_code == 200


@pytest.mark.parametrize(
    ("patch", "pointer", "told"),
    [
        ({"training": {"steps": 5}}, "/training", "is fixed since the job was submitted"),
        ({"batch_norm": True, "name": "b"}, "/batch_norm", "is fixed"),
        ({"nmae": "b"}, "/nmae", "name"),
        ({"name": 5}, "/name", "5"),
        ({"name": "two\nlines"}, "/name", "no line break"),
        ({"tags": "x"}, "/tags", "list"),
        ({"tags": ["t"] * 51}, "/tags", "50"),
        ({"retain": "yes"}, "/retain", "true or false"),
        ({"metadata": []}, "/metadata", "object"),
        ([], "", "object"),
        ("name", "", "object"),
    ],
)
def test_what_cannot_be_changed_is_refused(
    client: httpx.Client, job: dict[str, Any], patch: Any, pointer: str, told: str
) -> None:
    answer = client.patch(f"/jobs/{job['id']}", json=patch)
    assert_problem(answer, 422, "invalid_spec")
    error = answer.json()["errors"][0]
    assert (error["pointer"], told in error["message"]) == (pointer, True), error
    assert client.get(f"/jobs/{job['id']}").json() == client.get(f"/jobs/{job['id']}").json() | {"name": "a"}


def test_what_is_not_there_cannot_be_relabelled(client: httpx.Client, finished: Job) -> None:
    assert_problem(client.patch("/jobs/nobody", json={"name": "b"}), 404, "not_found")
    client.delete(f"/jobs/{finished.id}").raise_for_status()
    assert_problem(client.patch(f"/jobs/{finished.id}", json={"name": "b"}), 410, "gone")


def test_a_job_that_a_client_has_is_not_sent_again(client: httpx.Client, job: dict[str, Any]) -> None:
    path = f"/jobs/{job['id']}"
    tag = client.get(path).headers["etag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    client.post(f"{path}/cancel").raise_for_status()
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200
