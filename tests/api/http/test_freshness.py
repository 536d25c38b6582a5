"""Answers that a client has already: their tags, and 304."""

from contextlib import closing

import httpx
import pytest

from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects
from tests.support import recorded_jobs


@pytest.fixture
def metrics(finished: Job) -> str:
    return f"/jobs/{finished.id}/metrics"


@pytest.fixture
def activations(finished: Job) -> str:
    return f"/jobs/{finished.id}/activations"


def test_who_has_the_answer_is_told_so(client: httpx.Client, metrics: str, activations: str) -> None:
    for url in (metrics, f"{metrics}?points=10", f"{metrics}?summary=true", f"{metrics}?format=csv", activations):
        tag = client.get(url).headers["etag"]
        again = client.get(url, headers={"If-None-Match": f'"other", {tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    tags = {client.get(f"{metrics}?points={points}").headers["etag"] for points in (10, 20)}
    assert len(tags) == 2


def test_who_has_the_answer_of_several_jobs_is_told_so_unread(
    client: httpx.Client, database: Database, settings: Settings, finished: Job
) -> None:
    other = recorded_jobs.start(database, settings)
    url = f"/series?jobs={finished.id},{other.id}&names=train.loss"
    tag = client.get(url).headers["etag"]
    objects = open_objects(settings)
    objects.delete_owned(finished.id)  # so that a row that is read is missed
    again = client.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    recorded_jobs.finish(database, settings, other)
    answer = client.get(url, headers={"If-None-Match": tag})
    assert (answer.status_code, list(answer.json()["jobs"])) == (200, [other.id])
    assert (list(answer.json()["damaged"]), answer.headers.get("etag")) == ([finished.id], None)


def test_a_tag_is_another_once_one_of_several_jobs_was_deleted(
    client: httpx.Client, database: Database, settings: Settings, finished: Job
) -> None:
    other = recorded_jobs.finish(database, settings, recorded_jobs.start(database, settings))
    url = f"/series?jobs={finished.id},{other.id}&names=train.loss"
    tag = client.get(url).headers["etag"]
    client.delete(f"/jobs/{other.id}").raise_for_status()
    assert client.get(url, headers={"If-None-Match": tag}).json()["gone"] == [other.id]
    client.delete(f"/jobs/{finished.id}").raise_for_status()
    for sent in (tag, "*"):
        assert client.get(url, headers={"If-None-Match": sent}).status_code == 410
        never = client.get("/series?jobs=nobody&names=train.loss", headers={"If-None-Match": sent})
        assert never.status_code == 404


def test_a_tag_is_known_however_it_is_sent(client: httpx.Client, metrics: str) -> None:
    tag = client.get(metrics).headers["etag"]
    strong = tag.removeprefix("W/")
    for sent in ("*", strong, f'W/"one, two", {strong}', f'"other",{tag}'):
        assert client.get(metrics, headers={"If-None-Match": sent}).status_code == 304, sent
    twice = [("If-None-Match", '"other"'), ("If-None-Match", strong)]
    assert client.get(metrics, headers=twice).status_code == 304
    for sent in ('"*"', "W/*", strong.strip('"'), f'"a{strong[1:]}', '"other"', ""):
        assert client.get(metrics, headers={"If-None-Match": sent}).status_code == 200, sent
    nobody = client.get("/jobs/nobody/metrics", headers={"If-None-Match": "*"})
    assert nobody.status_code == 404


def test_a_tag_is_another_once_something_is_recorded(client: httpx.Client, settings: Settings, metrics: str) -> None:
    with closing(open_database(settings)) as database:
        job = recorded_jobs.start(database, settings)
        before = client.get(f"/jobs/{job.id}/metrics").headers["etag"]
        recorded_jobs.finish(database, settings, job)
    answer = client.get(f"/jobs/{job.id}/metrics", headers={"If-None-Match": before})
    assert (answer.status_code, answer.json()["watermark"]) == (200, 200)
    assert metrics != f"/jobs/{job.id}/metrics"
