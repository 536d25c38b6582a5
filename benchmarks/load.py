"""How many requests a second the service answers by 16 connections beside a training that records everything.

python -m benchmarks.load

`/healthz`, which asks nothing of anybody, is the ceiling. The client is one thread with raw sockets; what it costs a
request is told, for it has the cores in common with the service.
"""

import json
import random
import selectors
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert

from benchmarks import service
from jobs.lifecycle.clients import queued_row
from jobs.lifecycle.scores import Score, keep
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage import tables
from jobs.storage.database import open_database

RESULTS = Path(__file__).parent / "results" / "load.json"
CONNECTIONS = 16
LISTED = 10_000  # jobs that lists are of
SECONDS = 10.0  # of each measurement
DATA = {"dataset": "synthetic"}
TRAINING = {"batch_norm": True, "data": DATA, "training": {"steps": 10_000_000}}
DOCUMENT = json.dumps({"data": DATA, "training": {"steps": 1}}).encode()
LIST = "/jobs?limit=20&status=succeeded&where=test.accuracy%3E0.5&sort=-test.accuracy"
END = b"\r\n\r\n"

Request = Callable[[str], bytes]


def main() -> None:
    """Measure, print, and keep the result."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "data")
        with service.api(settings) as (client, _), service.worker(settings):
            fill(settings)
            training = client.post("/jobs", json=TRAINING).raise_for_status().json()["id"]
            while (before := step_of(client, training)) == 0:
                time.sleep(0.2)
            requests = {
                "healthz": get("/healthz"),
                "one job": get(f"/jobs/{training}"),
                "a list, filtered and sorted": get(LIST),
                "a list": get("/jobs"),
                "submissions": post,
                "healthz again": get("/healthz"),
            }
            host, port = str(client.base_url.host), client.base_url.port or 80
            began = time.perf_counter()
            found: dict[str, Any] = {name: load(host, port, request) for name, request in requests.items()}
            steps = step_of(client, training) - before
            found["training steps a second meanwhile"] = round(steps / (time.perf_counter() - began))
            client.post(f"/jobs/{training}/cancel").raise_for_status()
    print(json.dumps(found, indent=2))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


def fill(settings: Settings) -> None:
    """Put jobs into the database that have ended, each with its metrics."""
    draw = random.Random(0)  # noqa: S311 - the same in each run
    asked = check(DOCUMENT, in_catalogue(settings))
    now = time.time() - LISTED
    with closing(open_database(settings)) as database, database.write() as connection:
        rows = [queued_row(asked, now + i) | {"status": "succeeded", "step": asked.steps} for i in range(LISTED)]
        connection.execute(insert(tables.jobs), rows)
        for row in rows:
            accuracy = draw.random()
            keep(
                connection, row["id"], {"test.accuracy": Score(accuracy, accuracy, 1), "train.loss": Score(1.0, 1.0, 1)}
            )


def get(path: str) -> Request:
    """A request for what is at a path."""
    return lambda host: f"GET {path} HTTP/1.1\r\nHost: {host}".encode() + END


def post(host: str) -> bytes:
    """A submission."""
    head = f"POST /jobs HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(DOCUMENT)}"
    return head.encode() + END + DOCUMENT


def step_of(client: httpx.Client, job_id: str) -> int:
    """How far a job is."""
    step: int = client.get(f"/jobs/{job_id}").json()["progress"]["step"]
    return step


def load(host: str, port: int, request: Request) -> dict[str, Any]:
    """Each connection sends its next request once it has its answer; one thread has all of them."""
    sent = request(host)
    taken: list[float] = []
    since: dict[socket.socket, float] = {}
    began, used = time.perf_counter(), time.process_time()
    with selectors.DefaultSelector() as waiting:
        for _ in range(CONNECTIONS):
            made = socket.create_connection((host, port))
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            waiting.register(made, selectors.EVENT_READ, bytearray())
            since[made] = time.perf_counter()
            made.sendall(sent)
        while (now := time.perf_counter()) - began < SECONDS:
            for key, _ in waiting.select():
                answer: bytearray = key.data
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                answer += connection.recv(262_144)
                if not is_whole(answer):
                    continue
                now = time.perf_counter()
                taken.append(now - since[connection])
                assert answer.startswith(b"HTTP/1.1 20"), bytes(answer)
                answer.clear()
                since[connection] = now
                connection.sendall(sent)
        seconds, cost = time.perf_counter() - began, time.process_time() - used
        for made in since:
            made.close()
    taken.sort()
    return {
        "requests": len(taken),
        "a_second": round(len(taken) / seconds),
        "client_ms_a_request": round(cost / len(taken) * 1e3, 3),
        **{f"p{share}_ms": round(taken[len(taken) * share // 100] * 1e3, 1) for share in (50, 90, 99)},
        "max_ms": round(taken[-1] * 1e3, 1),
    }


def is_whole(answer: bytearray) -> bool:
    """Whether there is all of an answer, by the length that its head says."""
    head, end, body = answer.partition(END)
    return bool(end) and len(body) >= int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


if __name__ == "__main__":
    main()
