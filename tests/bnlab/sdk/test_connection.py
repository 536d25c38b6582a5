"""What the SDK makes of servers that refuse, that do not answer, or that are not bnlab's at all."""

import json
import socket
from typing import Any

import pytest
from pydantic import SecretStr

from api.app import create_app
from bnlab import ApiError, Client, Unreachable
from bnlab.errors import CannotRun
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from tests.support.serving import served
from tests.support.stranger import Answer, stranger


@pytest.fixture
def closed_port() -> str:
    """The URL of a port at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


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


def test_a_refused_query_names_its_parameter(client: Client, finished: Job) -> None:
    with pytest.raises(ApiError) as refused:
        client.metrics(finished.id, points=1)
    assert (refused.value.status, refused.value.code) == (422, "invalid_query")
    assert [field["parameter"] for field in refused.value.errors] == ["points"]
    with pytest.raises(ApiError, match="table: "):
        list(client.metrics_csv(finished.id, "nonesuch"))


@pytest.mark.parametrize("job_id", ["nonesuch", "../healthz", "a/../../healthz", "?limit=1", "é #"])
def test_whatever_is_not_a_job_is_not_found(client: Client, job_id: str) -> None:
    for ask in (client.job, client.cancel, client.metrics, client.activations):
        with pytest.raises(ApiError) as refused:
            ask(job_id)
        assert (refused.value.status, refused.value.code, refused.value.errors) == (404, "not_found", ())


def test_a_server_alone_is_alive_but_not_ready(client: Client) -> None:
    assert client.is_alive() is True
    assert client.is_ready() is False


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
        with Client(token="another") as other, pytest.raises(ApiError, match="token"):
            other.jobs()


def test_a_setting_that_makes_no_sense_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BNLAB_PORT", "many")
    monkeypatch.setenv("BNLAB_ACCESS", "sometimes")
    with pytest.raises(CannotRun, match=r"BNLAB_PORT: .*; BNLAB_ACCESS: |BNLAB_ACCESS: .*; BNLAB_PORT: "):
        Client()


def test_where_nothing_listens_the_message_says_where_and_what_to_do(closed_port: str) -> None:
    with Client(closed_port) as client:
        for ask in (client.jobs, client.submit, lambda: list(client.metrics_csv("1"))):
            with pytest.raises(Unreachable, match=f"nothing answers at {closed_port}: .*bnlab up.*BNLAB_URL"):
                ask()


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://localhost", "http://", "nonsense", "http://[::1", "/jobs"])
def test_what_is_no_address_of_a_server_is_refused_at_once(url: str) -> None:
    with pytest.raises(Unreachable) as refused:
        Client(url)
    assert f"'{url}' is not a server's address" in str(refused.value)


def test_a_connection_that_breaks_is_tried_again_to_read_but_never_to_submit() -> None:
    with stranger(lambda before: (200, "application/json", '{"status": "alive"}') if before == 1 else None) as found:
        url, asked = found
        with Client(url) as client:
            assert client.is_alive() is True
            assert asked == ["GET /healthz"] * 2
            with pytest.raises(Unreachable, match=url):
                client.submit()
        assert asked[2:] == ["POST /jobs"]


@pytest.mark.parametrize(
    "answer",
    [
        (200, "text/html", "<h1>Hello</h1>"),
        (404, "application/json", '{"detail": "Not Found"}'),
        (301, "text/plain", "over there"),
        (502, "text/html", "<h1>Bad Gateway</h1>"),
    ],
)
def test_a_server_that_is_not_of_bnlab_is_told_by_its_answer(answer: Answer) -> None:
    assert answer is not None
    with stranger(lambda _: answer) as (url, _), Client(url) as client:
        for ask in (
            client.is_alive,
            client.is_ready,
            client.jobs,
            client.submit,
            lambda: list(client.metrics_csv("1")),
        ):
            with pytest.raises(ApiError) as refused:
                ask()
            assert (refused.value.status, refused.value.code) == (answer[0], "not_bnlab")
            assert f"{url}/" in str(refused.value)
            assert f"answers {answer[0]} with {answer[1]}, as no bnlab server does" in str(refused.value)


def test_a_series_that_begins_anew_while_it_is_read_is_read_again() -> None:
    def page(attempt: int, following: int | None, *steps: int) -> Answer:
        columns: dict[str, Any] = {"attempt": attempt, "next": following, "train": {"step": steps}}
        return 200, "application/json", json.dumps(columns)

    pages = [page(1, 2, 1), page(2, None), page(2, 2, 1), page(2, None, 2)]
    with stranger(pages.__getitem__) as (url, asked), Client(url) as client:
        assert client.metrics("1") == {"attempt": 2, "next": None, "train": {"step": [1, 2]}}
    assert asked == ["GET /jobs/1/metrics", "GET /jobs/1/metrics?from=2"] * 2
