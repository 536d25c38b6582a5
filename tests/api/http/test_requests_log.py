"""The line of each request: whatever becomes of it, and nothing of its query."""

import asyncio
import logging

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from api.app import create_app
from api.http.requests_log import UNANSWERED, RequestsLog
from jobs.settings import Settings
from tests.support.serving import served


def test_each_request_has_a_line_where_the_log_is_json_and_none_where_it_is_text(
    settings: Settings, client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "api.http.requests_log")
    client.get("/healthz")
    assert [record for record in caplog.records if record.name == "api.http.requests_log"] == []
    with served(create_app(settings.model_copy(update={"log": "json"}))) as other:
        answer = other.get("/healthz")
        other.get("/jobs/0000000000000?token=secret")
        other.get("/", headers={"host": "evil.example.org"})
    found = [vars(record) for record in caplog.records if record.name == "api.http.requests_log"]
    assert [(each.get("path"), each["status"]) for each in found] == [
        ("/healthz", 200),
        ("/jobs/{job_id}", 422),
        (None, 421),
    ]
    assert found[0]["request_id"] == answer.headers["x-request-id"]
    assert found[1]["job"] == "0000000000000"
    assert "secret" not in caplog.text


@pytest.mark.parametrize(("error", "status"), [(RuntimeError("broken"), 500), (asyncio.CancelledError(), UNANSWERED)])
def test_a_request_that_is_not_answered_has_its_line_too(
    caplog: pytest.LogCaptureFixture, error: BaseException, status: int
) -> None:
    caplog.set_level(logging.INFO, "api.http.requests_log")

    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    async def receive() -> Message:
        return {}

    async def send(_message: Message) -> None:
        return None

    async def ask() -> None:
        with pytest.raises(type(error)):
            await RequestsLog(broken)({"type": "http", "method": "GET"}, receive, send)

    asyncio.run(ask())
    (record,) = caplog.records
    assert vars(record)["status"] == status
