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
