"""The SDK against a real API on a socket; what became of jobs is recorded without training anything."""

import pytest
from pydantic import SecretStr

from api.app import create_app
from bnlab import ApiError, Client
from bnlab.errors import CannotRun
from jobs.lifecycle.job import Job
from jobs.lifecycle.workers import announce
from jobs.settings import Settings
from jobs.spec.document import JobSpec
from jobs.storage.database import Database
from tests.support import recorded_jobs
from tests.support.serving import served

TEXT = '{"name": "one", "batch_norm": true, "training": {"steps": 7}}'


def test_fields_a_specification_plain_values_and_json_text_are_the_same_job(client: Client) -> None:
    spec = JobSpec.model_validate_json(TEXT)
    by_fields = client.submit(name="one", batch_norm=True, training={"steps": 7})
    others = [client.submit(document) for document in (spec, {**by_fields["spec"]}, TEXT, TEXT.encode())]
    assert by_fields["status"] == "queued"
    assert (by_fields["spec"]["name"], by_fields["spec"]["training"]["steps"]) == ("one", 7)
    assert [job["spec_sha256"] for job in others] == [by_fields["spec_sha256"]] * 4
    assert len(client.jobs()) == 5


def test_nothing_at_all_is_the_job_of_an_empty_document(client: Client) -> None:
    assert client.submit()["spec"] == client.submit({})["spec"] == client.submit("{}")["spec"]


def test_validate_shows_the_network_and_queues_nothing(client: Client) -> None:
    shown = client.validate(architecture="mlp", batch_norm=True)
    assert [layer["name"] for layer in shown["layers"] if layer["batch_norm"]] == ["hidden1", "hidden2", "hidden3"]
    assert shown["spec"]["training"]["steps"] == 10_000
    assert client.jobs() == []


def test_only_jobs_of_a_status_are_listed(client: Client, finished: Job) -> None:
    queued = client.submit()["id"]
    assert [job["id"] for job in client.jobs(status="queued")] == [queued]
    assert [job["id"] for job in client.jobs(status="succeeded")] == [finished.id]
    assert client.jobs(status="failed") == []


def test_a_job_is_followed_until_it_has_ended(
    client: Client, database: Database, settings: Settings, running: Job
) -> None:
    seen = client.follow(running.id, poll=0.01)
    assert [next(seen)["status"], next(seen)["status"]] == ["running", "running"]
    recorded_jobs.finish(database, settings, running)
    assert [job["status"] for job in seen] == ["succeeded"]


def test_wait_gives_the_job_once_it_has_ended(client: Client, finished: Job) -> None:
    job = client.wait(finished.id, timeout=0)
    assert (job["status"], job["progress"]["step"]) == ("succeeded", 200)


def test_wait_gives_up_in_time_and_the_job_goes_on(client: Client) -> None:
    job_id = client.submit()["id"]
    with pytest.raises(TimeoutError, match=f"job {job_id} is still queued after 0.05 seconds"):
        client.wait(job_id, timeout=0.05, poll=0.01)
    assert client.job(job_id)["status"] == "queued"


def test_a_job_is_asked_with_verbs_and_one_at_the_wrong_time_is_refused(client: Client) -> None:
    job_id = client.submit()["id"]
    found = [client.pause(job_id), client.resume(job_id), client.cancel(job_id), client.cancel(job_id)]
    assert [job["status"] for job in found] == ["paused", "queued", "cancelled", "cancelled"]
    with pytest.raises(ApiError) as refused:
        client.resume(job_id)
    assert (refused.value.status, refused.value.code) == (409, "not_allowed")
    assert client.retry(job_id)["parent"] == job_id
    client.delete(job_id)
    with pytest.raises(ApiError) as refused:
        client.job(job_id)
    assert (refused.value.status, refused.value.code) == (410, "gone")


def test_a_refused_document_has_a_pointer_to_each_field_at_fault(client: Client) -> None:
    with pytest.raises(ApiError) as refused:
        client.submit(data={"batch_size": 0}, architecture="nonesuch", surprise=1)
    error = refused.value
    assert (error.status, error.code) == (422, "invalid_spec")
    assert {"/data/batch_size", "/architecture", "/surprise"} <= {field["pointer"] for field in error.errors}
    assert str(error) == error.detail
    for field in error.errors:
        assert field["message"] in error.detail
    assert client.jobs() == []


def test_a_server_alone_is_alive_but_not_ready(client: Client) -> None:
    assert client.is_alive() is True
    assert client.is_ready() is False


def test_a_server_says_how_each_part_is_and_who_trains_what(client: Client, database: Database) -> None:
    assert client.readiness() == {"database": "ok", "broker": "ok", "worker": "none is running"}
    announce(database, recorded_jobs.a_worker())
    job_id = client.submit(data={"dataset": "synthetic"})["id"]
    recorded_jobs.take(database)
    assert (client.is_ready(), client.readiness()["worker"]) == (True, "ok")
    found = client.workers()
    assert [job["id"] for job in found["workers"][0]["jobs"]] == [job_id]
    assert found["queue"]["running"] == 1


def test_url_and_token_come_from_the_environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    guarded = settings.model_copy(update={"access": "token", "token": SecretStr("secret")})
    with served(create_app(guarded)) as server:
        monkeypatch.setenv("BNLAB_URL", f"{server.base_url}/")
        with Client() as anybody, pytest.raises(ApiError) as refused:
            anybody.jobs()
        assert (refused.value.status, refused.value.code) == (401, "token_required")
        monkeypatch.setenv("BNLAB_TOKEN", "secret")
        with Client() as client:
            assert client.jobs() == []
        with Client(token="another") as other, pytest.raises(ApiError, match="token"):  # noqa: S106 - a wrong one
            other.jobs()


def test_the_address_of_the_pages_has_a_code_where_a_token_is_needed(client: Client, settings: Settings) -> None:
    assert client.pages_url() == f"{client.url}/ui/"
    guarded = settings.model_copy(update={"access": "token", "token": SecretStr("secret")})
    with served(create_app(guarded)) as server, Client(f"{server.base_url}/", "secret") as other:
        first, second = other.pages_url(), other.pages_url()
    assert first.startswith(f"{other.url}/ui/#code=")
    assert first != second


def test_host_and_port_say_where_a_server_is_that_has_no_url(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BNLAB_PORT", client.url.rpartition(":")[2])
    with Client() as found:
        assert (found.url, found.is_alive()) == (client.url, True)
    monkeypatch.setenv("BNLAB_HOST", "::1")
    assert Client().url.startswith("http://[::1]:")
    monkeypatch.setenv("BNLAB_URL", "http://127.0.0.1:1")
    assert Client().url == "http://127.0.0.1:1"


def test_a_setting_that_makes_no_sense_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BNLAB_PORT", "many")
    monkeypatch.setenv("BNLAB_ACCESS", "sometimes")
    with pytest.raises(CannotRun, match=r"BNLAB_PORT: .*; BNLAB_ACCESS: |BNLAB_ACCESS: .*; BNLAB_PORT: "):
        Client()
