"""How long `POST /jobs` takes when 16 connections submit at once, beside a training that records everything.

python -m benchmarks.submissions
"""

import json
import selectors
import socket
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks import service
from jobs.settings import Settings

RESULTS = Path(__file__).parent / "results" / "submissions.json"
CONNECTIONS = 16
SUBMISSIONS = 4000
DATA = {"dataset": "synthetic"}
TRAINING = {"batch_norm": True, "data": DATA, "training": {"steps": 10_000_000}}
DOCUMENT = json.dumps({"data": DATA, "training": {"steps": 1}}).encode()
END = b"\r\n\r\n"


def main() -> None:
    """Measure, print, and keep the result."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "data")
        with service.api(settings) as (client, _), service.worker(settings):
            training = client.post("/jobs", json=TRAINING).raise_for_status().json()["id"]
            while (before := _step(client, training)) == 0:
                time.sleep(0.2)
            found = _submissions(str(client.base_url.host), client.base_url.port or 80)
            found["training_steps_meanwhile"] = _step(client, training) - before
            client.post(f"/jobs/{training}/cancel").raise_for_status()
    print(json.dumps(found, indent=2))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


def _step(client: httpx.Client, job_id: str) -> int:
    step: int = client.get(f"/jobs/{job_id}").json()["progress"]["step"]
    return step


def _submissions(host: str, port: int) -> dict[str, Any]:
    """Each connection sends its next request once it has its answer; one thread has all of them."""
    head = f"POST /jobs HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(DOCUMENT)}"
    request = head.encode() + END + DOCUMENT
    taken: list[float] = []
    sockets: dict[int, socket.socket] = {}
    sent: dict[socket.socket, float] = {}
    began, used = time.perf_counter(), time.process_time()
    with selectors.DefaultSelector() as waiting:
        for _ in range(CONNECTIONS):
            connection = socket.create_connection((host, port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            waiting.register(connection, selectors.EVENT_READ, bytearray())
            sockets[connection.fileno()], sent[connection] = connection, time.perf_counter()
            connection.sendall(request)
        while len(taken) < SUBMISSIONS:
            for key, _ in waiting.select():
                connection, answer = sockets[key.fd], key.data
                answer += connection.recv(65_536)
                if not _is_whole(answer):
                    continue
                taken.append(time.perf_counter() - sent[connection])
                assert answer.startswith(b"HTTP/1.1 202 "), answer
                answer.clear()
                sent[connection] = time.perf_counter()
                connection.sendall(request)
        seconds, cost = time.perf_counter() - began, time.process_time() - used
        for connection in sent:
            connection.close()
    taken.sort()
    return {
        "connections": CONNECTIONS,
        "submissions": len(taken),
        "a_second": round(len(taken) / seconds),
        "client_ms_a_request": round(cost / len(taken) * 1e3, 3),
        **{f"p{share}_ms": round(taken[len(taken) * share // 100] * 1e3, 1) for share in (50, 90, 99)},
        "max_ms": round(taken[-1] * 1e3, 1),
    }


def _is_whole(answer: bytearray) -> bool:
    head, end, body = answer.partition(END)
    return bool(end) and len(body) >= int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


if __name__ == "__main__":
    main()
