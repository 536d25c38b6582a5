"""Lists of jobs and experiments over HTTP: filtered, in order, page by page, as rows and as CSV."""

import csv
import io
from typing import Any

import httpx
import pytest

from api.rows import FIELDS, LEAN
from api.schemas.jobs import JobAnswer
from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Job, Status
from jobs.lifecycle.scores import Score
from jobs.storage.database import Database
from tests.support.serving import assert_problem

EXPERIMENT = {"name": "e", "base": {"data": {"dataset": "synthetic"}}, "variants": {"a": {}, "b": {"batch_norm": True}}}


def ids(answer: httpx.Response) -> list[str]:
    return [job["id"] for job in answer.raise_for_status().json()["jobs"]]


def submit(client: httpx.Client, **document: Any) -> str:
    return str(client.post("/jobs", json=document).raise_for_status().json()["id"])


def test_pages_are_linked_newest_first(client: httpx.Client) -> None:
    made = [submit(client, name=str(i)) for i in range(5)]
    seen: list[str] = []
    url: str | httpx.URL | None = "/jobs?limit=2&status=queued"
    while url is not None:
        page = client.get(url)
        seen += ids(page)
        url = page.url.join(page.links["next"]["url"]) if "next" in page.links else None
        assert (url is None) == (page.json()["next"] is None)
    assert seen == sorted(made, reverse=True)


def test_jobs_are_found_by_all_that_is_asked(client: httpx.Client, finished: Job) -> None:
    one = submit(client, name="baseline 1", tags=["paper", "x"], data={"dataset": "synthetic"})
    two = submit(client, name="baseline 2", tags=["paper"], architecture="convnet", batch_norm=True)
    found = {
        "name=baseline": [two, one],
        "name=Baseline": [],
        "tag=paper&tag=x": [one],
        "status=queued": [two, one],
        "status=succeeded": [finished.id],
        "status=queued&status=succeeded&name=baseline": [two, one],
        "dataset=synthetic&name=b": [one],
        "architecture=convnet&batch_norm=true": [two],
        "created_after=2100-01-01T00:00:00Z": [],
        "created_before=1700000000": [],
        "sort=name&status=queued": [one, two],
        f"id={one[-5:]}": [one],
    }
    for query, wanted in found.items():
        assert ids(client.get(f"/jobs?{query}")) == wanted, query


def test_jobs_are_found_and_sorted_by_what_they_measured(
    client: httpx.Client, database: Database, running: Job
) -> None:
    hold = Hold(running.id, running.attempt)
    attempts.record_progress(database, hold, 50, None, {"test.accuracy": Score(0.5, 0.9375, 20)})
    other = submit(client)
    assert ids(client.get("/jobs?where=test.accuracy>0.9")) == []
    assert ids(client.get("/jobs", params={"where": "best.test.accuracy>=0.9375"})) == [running.id]
    assert ids(client.get("/jobs", params={"where": ["test.accuracy<1", "test.accuracy!=0.5"]})) == []
    assert ids(client.get("/jobs?sort=-test.accuracy")) == [running.id, other]


def test_a_list_says_how_many_jobs_stand_where(client: httpx.Client, finished: Job) -> None:
    for name in ("a", "a", "b"):
        submit(client, name=name)
    none = dict.fromkeys(Status, 0)
    page = client.get("/jobs?counts=true&limit=1&status=succeeded").json()
    assert [job["id"] for job in page["jobs"]] == [finished.id]
    assert page["counts"] == none | {"queued": 3, "succeeded": 1}
    assert client.get("/jobs?counts=true&name=a").json()["counts"] == none | {"queued": 2}
    assert "counts" not in client.get("/jobs").json()


def test_a_row_is_lean_unless_more_is_asked_for(client: httpx.Client) -> None:
    job_id = submit(client, metadata={"a": 1})
    (row,) = client.get("/jobs").json()["jobs"]
    assert tuple(row) == LEAN
    (row,) = client.get("/jobs?fields=metadata,spec").json()["jobs"]
    assert (row["id"], row["metadata"], row["spec"]["metadata"], len(row)) == (job_id, {"a": 1}, {"a": 1}, 3)
    told = assert_problem(client.get("/jobs?fields=spce"), 422, "invalid_query")["detail"]
    assert "fields: 'spce' is no field of a job; the nearest is 'spec'" in str(told)


@pytest.mark.parametrize("job", ["queued", "finished"])
def test_a_row_says_what_the_job_itself_says(client: httpx.Client, finished: Job, job: str) -> None:
    job_id = finished.id if job == "finished" else submit(client, tags=["b", "a", "b"], name="n", retain=True)
    whole = client.get(f"/jobs/{job_id}").json()
    row = next(r for r in client.get(f"/jobs?fields={','.join(FIELDS)}").json()["jobs"] if r["id"] == job_id)
    assert row == {name: whole[name] for name in FIELDS}
    assert whole.keys() == JobAnswer.model_fields.keys() - {"verification"}
    JobAnswer.model_validate(whole)


def test_a_list_as_csv_has_a_column_a_value(client: httpx.Client, finished: Job) -> None:
    queued = submit(client, name='a, "b"', tags=["x", "y"])
    answer = client.get("/jobs?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    first, second = csv.DictReader(io.StringIO(answer.text))
    assert (first["id"], first["name"], first["tags"], first["latest.test.accuracy"]) == (queued, 'a, "b"', "x;y", "")
    whole = client.get(f"/jobs/{finished.id}").json()
    assert (second["id"], second["progress.step"]) == (finished.id, str(finished.steps))
    assert float(second["latest.train.loss"]) == whole["latest"]["train.loss"]
    assert int(second["best.train.loss.step"]) == whole["best"]["train.loss"]["step"]
    assert (second["finished"], second["batch_norm"]) == (whole["finished"], "false")
    assert client.get("/jobs?format=csv&fields=status").text == f"id,status\n{queued},queued\n{finished.id},succeeded\n"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("where=test.acuracy>0.9", "where"),
        ("where=test.accuracy", "where"),
        ("where=test.accuracy>many", "where"),
        ("sort=colour", "sort"),
        ("sort=--created", "sort"),
        ("status=sleeping", "status"),
        ("created_after=yesterday", "created_after"),
        ("created_before=", "created_before"),
        ("experiment=nobody", "experiment"),
        ("id=o", "id"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("batch_norm=perhaps", "batch_norm"),
        ("format=xml", "format"),
        ("before=1m88g7nq4p9df", "before"),
    ],
)
def test_what_no_list_is_asked_for_is_refused(client: httpx.Client, query: str, parameter: str) -> None:
    answer = client.get(f"/jobs?{query}")
    assert_problem(answer, 422, "invalid_query")
    assert answer.json()["errors"][0]["parameter"] == parameter


def test_an_experiment_and_its_jobs_are_found(client: httpx.Client) -> None:
    experiment = client.post("/experiments", json=EXPERIMENT).json()
    submit(client)
    found = client.get("/jobs", params={"experiment": experiment["id"], "batch_norm": "true"}).json()["jobs"]
    assert [job["experiment"] for job in found] == [experiment["id"]]
    for query, number in {
        "name=e": 1,
        "name=f": 0,
        "created_after=2100-01-01": 0,
        f"id={experiment['id'][:6]}": 1,
    }.items():
        assert len(client.get(f"/experiments?{query}").json()["experiments"]) == number, query
    client.post("/experiments", json=EXPERIMENT).raise_for_status()
    page = client.get("/experiments?limit=1")
    second = client.get(page.url.join(page.links["next"]["url"])).json()
    assert [each["id"] for each in second["experiments"]] == [experiment["id"]]
