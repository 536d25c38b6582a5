"""The API behind a real socket, for tests."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import httpx
import uvicorn
from fastapi import FastAPI


@contextmanager
def served(app: FastAPI, port: int = 0, root_path: str = "") -> Iterator[httpx.Client]:
    """A client of the application, which is served on a loopback port, 0: any free one, until the end.

    root_path: what a proxy in front has taken off the paths, as it is told to uvicorn.
    """
    with socket.create_server(("127.0.0.1", port)) as listening:
        config = uvicorn.Config(
            app, log_config=None, ws="none", lifespan="on", timeout_graceful_shutdown=1, root_path=root_path
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.005)
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            with httpx.Client(base_url=url, trust_env=False) as client:  # no proxy stands between
                yield client
        finally:
            server.should_exit = True
            thread.join()


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    """The answer's problem document, once everything that every one of them has is found right."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, object] = answer.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert {"type", "title", "detail", "retryable", "errors"} <= problem.keys()
    return problem


@contextmanager
def sending(client: httpx.Client, request: str, length: int, content: bytes) -> Iterator[socket.socket]:
    """A connection on which so much of a body has been sent as there is; `request`: the first lines, without an end."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 80)) as connection:
        connection.settimeout(60)
        head = f"{request}\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        connection.sendall(head.encode() + content)
        yield connection


def answer_on(connection: socket.socket) -> str:
    """The answer, whole."""
    answer = ""
    while not answer.endswith("}"):  # of the problem document
        answer += connection.recv(10_000).decode()
    return answer
