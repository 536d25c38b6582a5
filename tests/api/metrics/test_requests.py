"""Which requests are counted, as what, and which are not."""

from collections.abc import Callable, Coroutine
from typing import Any

import anyio
import pytest
from starlette.types import Message, Receive, Scope, Send

from api.metrics.requests import BOUNDS, Kind, Observed, Requests

App = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


async def answering(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": b"{}"})


async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ZeroDivisionError


async def leaving(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """As where the client has gone before there was an answer."""


def counted(app: App, **scope: Any) -> dict[Kind, float]:
    """What is counted of one request."""
    requests = Requests()

    async def ask() -> None:
        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(_message: Message) -> None: ...

        whole = {"type": "http", "method": "GET", "query_string": b"", **scope}
        await Observed(app, requests)(whole, receive, send)

    try:
        anyio.run(ask)
    except ZeroDivisionError:
        assert app is failing
    return {kind: sums[-1] for kind, (sums, _) in requests.counts().items()}


def test_what_fails_without_an_answer_is_counted_as_what_the_client_is_told() -> None:
    assert counted(failing) == {Kind("GET", "unknown", "500"): 1}


def test_what_has_no_answer_is_not_counted() -> None:
    assert counted(leaving) == {}


@pytest.mark.parametrize(("query", "number"), [(b"wait=30", 0), (b"fields=id&wait=1", 0), (b"limit=5", 1), (b"", 1)])
def test_what_waits_because_it_was_asked_to_is_not_counted(query: bytes, number: int) -> None:
    assert len(counted(answering, query_string=query)) == number


def test_each_request_stands_in_the_first_bucket_that_it_fits_in_and_in_all_after_it() -> None:
    requests = Requests()
    for seconds in (BOUNDS[0], BOUNDS[0] + 1e-6, 1e9):
        requests.add("GET", "/jobs", 200, seconds)
    ((sums, seconds),) = requests.counts().values()
    assert sums == [1.0, *[2.0] * (len(BOUNDS) - 2), 3.0]
    assert seconds == pytest.approx(1e9, rel=1e-6)
