"""Every failure is answered with a problem document, and tells no more than it should."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import HTTPException, WebSocket
from sqlalchemy import Engine, event, text, update
from starlette.types import Message

from api.app import create_app
from api.errors import STATUS_OF, problem_of
from jobs.errors import AttemptLost, BnlabError
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage import tables
from jobs.storage.database import Database
from tests.conftest import Stack
from tests.support.documents import otherwise
from tests.support.serving import assert_problem, served


def test_a_path_that_is_not_there_is_not_found(client: httpx.Client) -> None:
    assert "/docs" in str(assert_problem(client.get("/nowhere"), 404, "not_found")["detail"])
    assert_problem(client.get("/jobs/"), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/jobs", {"GET", "HEAD", "POST"}),
        ("PUT", "/jobs/some", {"GET", "HEAD", "PATCH", "DELETE"}),
        ("GET", "/jobs/some/cancel", {"POST"}),
        ("HEAD", "/jobs/some/cancel", {"POST"}),
        ("POST", "/docs", {"GET", "HEAD"}),
        ("DELETE", "/swagger/swagger-ui.css", {"GET", "HEAD"}),
    ],
)
def test_a_method_that_a_path_does_not_take_is_refused_with_those_it_takes(
    client: httpx.Client, method: str, path: str, allowed: set[str]
) -> None:
    answer = client.request(method, path)
    if method != "HEAD":
        assert_problem(answer, 405, "method_not_allowed")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/jobs", "/healthz", "/datasets", "/jobs/nobody/metrics"])
def test_a_parameter_that_would_be_ignored_is_an_error(client: httpx.Client, path: str) -> None:
    answer = client.get(path, params={"colour": "red"})
    assert_problem(answer, 422, "invalid_query")
    assert answer.json()["errors"][0]["parameter"] == "colour"


def test_an_option_of_submission_belongs_into_the_body(client: httpx.Client) -> None:
    assert_problem(client.post("/jobs?batch_norm=true", json={}), 422, "invalid_query")
    assert client.get("/jobs").json()["jobs"] == []


def test_an_unexpected_error_is_logged_under_the_id_that_is_answered_and_nothing_leaks(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(settings)

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("the secret of the house")

    with served(app) as client:
        answer = client.get("/broken")
    problem = assert_problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert "ZeroDivision" not in answer.text
    logged = [record.getMessage() for record in caplog.records if record.name == "api.errors"]
    assert [str(problem["request_id"]) in line and "the secret of the house" in line for line in logged] == [True]


@pytest.mark.parametrize(("status", "code"), [(400, "bad_request"), (406, "not_acceptable"), (499, "http_499")])
def test_a_status_that_no_table_lists_is_a_problem_too(settings: Settings, status: int, code: str) -> None:
    app = create_app(settings)

    @app.get("/refused")
    def refused() -> None:
        raise HTTPException(status, "not so")

    with served(app) as client:
        assert assert_problem(client.get("/refused"), status, code)["detail"] == "not so"


def test_what_the_driver_says_is_logged_and_not_answered(
    client: httpx.Client, database: Database, stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    with database.write() as connection:
        connection.execute(text("DROP TABLE members"))
    answer = client.get("/experiments")
    if stack.database_url:
        assert_problem(answer, 500, "internal")  # to psycopg a table that is not there is no OperationalError
    else:
        assert assert_problem(answer, 503, "database_unavailable")["retryable"] is True
    assert "members" not in answer.text
    logged = [record.getMessage() for record in caplog.records if record.name == "api.errors"]
    assert [answer.headers["x-request-id"] in line and "members" in line for line in logged] == [True]


def test_a_websocket_is_closed_before_any_route_sees_it(settings: Settings) -> None:
    app = create_app(settings)

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()

    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        told.append(message)

    scope = {"type": "websocket", "path": "/live", "query_string": b"", "headers": [(b"host", b"attacker.example")]}
    asyncio.run(app(scope, receive, send))
    assert [message["type"] for message in told] == ["websocket.close"]


def test_what_is_neither_http_nor_a_lifespan_reaches_nothing(settings: Settings) -> None:
    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        raise AssertionError(message)

    with pytest.raises(ValueError, match="carrier-pigeon"):
        asyncio.run(create_app(settings)({"type": "carrier-pigeon", "path": "/"}, receive, send))


def test_a_client_that_leaves_is_no_error_of_ours(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with served(create_app(settings)) as client:
        address = (client.base_url.host, client.base_url.port)
        with socket.create_connection(address) as connection:
            head = (
                "POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
            )
            connection.sendall(head.encode())
        assert client.get("/healthz").status_code == 200
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.fixture
def full_disk(stack: Stack) -> Iterator[None]:
    """Every database that is opened now has room for its tables and for little else."""
    if stack.database_url:
        pytest.skip("SQLite has a limit for it")

    def limit(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 50")

    event.listen(Engine, "connect", limit)
    yield
    event.remove(Engine, "connect", limit)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_is_told_and_leaves_no_half_of_a_job(client: httpx.Client) -> None:
    document = {"metadata": {"notes": "x" * 200_000}}
    problem = assert_problem(client.post("/jobs", json=document), 503, "database_unavailable")
    assert "full" in str(problem["detail"])
    assert problem["retryable"] is True
    assert client.get("/jobs").json()["jobs"] == []


def test_the_table_of_statuses_is_of_our_own_errors() -> None:
    assert all(issubclass(error, BnlabError) for error in STATUS_OF)
    assert set(STATUS_OF.values()) <= {403, 404, 409, 410, 412, 422, 500, 503}


def test_an_error_of_ours_that_the_api_should_never_meet_is_a_defect() -> None:
    assert problem_of(AttemptLost("attempt 1 no longer holds job x")).status == 500


@pytest.mark.parametrize("what", ["metrics", "metrics?summary=true", "activations", "diagnostics", "?verify=true"])
def test_what_a_document_decides_that_this_release_refuses_is_answered_by_that(
    client: httpx.Client, database: Database, finished: Job, what: str
) -> None:
    refused = otherwise(finished.resolved, "training", optimizer={"kind": "of an earlier release"}).document
    with database.write() as connection:
        connection.execute(update(tables.jobs).values(spec=refused))
    assert client.get(f"/jobs/{finished.id}").json()["spec"] == refused
    problem = assert_problem(client.get(f"/jobs/{finished.id}/{what}".replace("/?", "?")), 422, "invalid_spec")
    assert "this release cannot run the document" in str(problem["detail"])
