"""Streams that cannot be given, and why."""

import httpx
import pytest

from jobs.lifecycle.job import Job
from tests.support.serving import assert_problem


@pytest.mark.parametrize(
    ("query", "last", "says"),
    [
        ("&names=train.nonesuch", "", "names: 'train.nonesuch' matches nothing"),
        ("&names=nonesuch.loss", "", "names: 'nonesuch' matches nothing"),
        ("&names=train", "", "is a table: say which of its series"),
        ("", "garbage", "Last-Event-ID: 'garbage' is no id of an event of this stream"),
        ("", "another:1:7", "Last-Event-ID: 'another:1:7' is no id of an event of this stream"),
        ("", "1job:1:" + "9" * 5000, "is no id of an event of this stream"),
        ("", f"1job:{10**20}:7", "is no id of an event of this stream"),
        ("&points=7", "", "points: unknown parameter"),
    ],
)
def test_what_cannot_be_streamed_is_refused(
    client: httpx.Client, finished: Job, query: str, last: str, says: str
) -> None:
    last = last.replace("1job", finished.id)
    answer = client.get(f"/stream?jobs={finished.id}{query}", headers={"Last-Event-ID": last} if last else {})
    assert says in str(assert_problem(answer, 422, "invalid_query")["detail"])


ASKED = {
    "data": {"dataset": "synthetic"},
    "batch_norm": True,
    "recording": {"units": 0, "histograms_every": 999_999, "diagnostics": [{"name": "rank"}]},
}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("drift.hidden1.mean_gap", "was not asked to record 'drift'; there is: train, test, activations, rank"),
        ("units.hidden1.50.p15", "was not asked to record 'units'"),
        ("histograms.hidden1.lo", "was not asked to record 'histograms'"),
        ("rank.hidden4.rank", "'rank.hidden4.rank' matches nothing; there is: rank.hidden1.rank"),
        ("train.nonesuch", "'train.nonesuch' matches nothing; there is: train.loss"),
        ("activations.hidden1.dead", "'activations.hidden1.dead' matches nothing"),
    ],
)
def test_what_a_job_will_not_record_is_not_streamed_though_it_has_not_begun(
    client: httpx.Client, name: str, says: str
) -> None:
    more = {**ASKED, "recording": {"diagnostics": [{"name": "rank"}, {"name": "drift"}]}}
    job, other = (client.post("/jobs", json=document).json()["id"] for document in (ASKED, more))
    for path in (f"/stream?jobs={job}&", f"/stream?jobs={other},{job}&"):
        refused = assert_problem(client.get(f"{path}names=train.loss,{name}"), 422, "invalid_query")
        assert says in str(refused["detail"])
    assert client.head(f"/stream?jobs={job}&names=train.loss,rank.hidden1.rank").status_code == 200


def test_jobs_that_are_not_there_are_not_streamed(client: httpx.Client, finished: Job) -> None:
    assert client.get("/stream?jobs=none").status_code == 404
    assert client.get(f"/stream?jobs={finished.id},none").status_code == 404
    assert_problem(client.get("/stream?jobs=,"), 422, "invalid_query")
    assert_problem(client.get("/stream?jobs=" + ",".join(map(str, range(101)))), 422, "invalid_query")
