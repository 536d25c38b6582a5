"""What the SDK makes of servers that do not answer, or that are not bnlab's at all."""

import json
import socket

import pytest

from bnlab import ApiError, Client, Unreachable
from bnlab.errors import CannotRun
from tests.support.stranger import Answer, stranger


@pytest.fixture
def closed_port() -> str:
    """The URL of a port at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


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


@pytest.mark.parametrize("token", ["zürich", "two\nlines", "\x1b[2J", "\0"])
def test_a_token_that_no_header_can_carry_is_refused_at_once(token: str) -> None:
    with pytest.raises(CannotRun, match="BNLAB_TOKEN"):
        Client("http://127.0.0.1:1", token)


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


def test_a_failure_of_the_server_names_its_request() -> None:
    problem = {"code": "internal", "detail": "this should not happen", "errors": []}
    for status, said in ((500, "this should not happen (request 1)"), (409, "this should not happen")):
        answer = (status, "application/problem+json", json.dumps(problem))
        with stranger(lambda _, answer=answer: answer) as (url, _), Client(url) as client:  # type: ignore[misc]
            with pytest.raises(ApiError) as refused:
                client.jobs()
            assert (str(refused.value), refused.value.detail, refused.value.request_id) == (
                said,
                problem["detail"],
                "1",
            )


@pytest.mark.parametrize("text", ["{", "[]", "null", "\x00"])
def test_an_answer_that_is_no_object_is_told(text: str) -> None:
    for kind in ("application/json", "application/problem+json"):
        with stranger(lambda _, kind=kind: (200, kind, text)) as (url, _), Client(url) as client:  # type: ignore[misc]
            with pytest.raises(ApiError) as refused:
                client.jobs()
            assert refused.value.code == "not_bnlab"
