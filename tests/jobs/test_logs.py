"""What processes log under BNLAB_LOG=json: one object a line, and a job's whole life in it."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from jobs.logs import JsonLines, about, as_line
from tests.support.workers import SMALL, until

API = ("-m", "uvicorn", "api.main:app", "--port", "0", "--no-access-log")
WORKER = ("-m", "celery", "-A", "worker.app", "worker", "-P", "threads", "-c", "1", "-l", "INFO")
TALKATIVE = """
import sys
if "worker.trainer" in sys.orig_argv:
    print("hello, \\x1b[2J no JSON", flush=True)
"""


@contextmanager
def running(folder: Path, name: str, *command: str) -> Iterator[Path]:
    """A process whose log is JSON, ended as it is by who started it; the file has all that it printed."""
    own = {**os.environ, "BNLAB_DATA": str(folder / "data"), "BNLAB_LOG": "json", "BNLAB_BROKER_URL": "memory://"}
    own |= {"PYTHONPATH": f"{folder}:{os.getcwd()}"}
    with (folder / name).open("wb") as log:
        process = subprocess.Popen([sys.executable, *command], env=own, cwd=os.getcwd(), stdout=log, stderr=log)
    try:
        yield folder / name
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def lines_of(log: Path) -> list[dict[str, Any]]:
    """Each line as the object that it is."""
    found = [json.loads(line) for line in log.read_text().splitlines()]
    assert all({"time", "level", "action", "message"} <= line.keys() for line in found)
    return found


def test_every_line_of_a_server_and_a_worker_is_json_and_a_job_is_followed_through_both(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "sitecustomize.py").write_text(TALKATIVE)
    with running(tmp_path, "api.log", *API) as api_log, running(tmp_path, "worker.log", *WORKER) as worker_log:
        url = until(lambda: address_in(api_log))
        with httpx.Client(base_url=url, trust_env=False) as client:
            job_id = client.post("/jobs", json=SMALL | {"training": {"steps": 50}}).json()["id"]
            until(lambda: client.get(f"/jobs/{job_id}").json()["status"] == "succeeded")
            assert client.get("/jobs?before=secret").status_code == 422
            assert client.get("/nothing/secret").status_code == 404
    served, worked = lines_of(api_log), lines_of(worker_log)
    of_job = [(line["method"], line["path"], line["status"]) for line in served if line.get("job") == job_id]
    assert of_job[:2] == [("POST", "/jobs", 202), ("GET", "/jobs/{job_id}", 200)]
    requests = [line for line in served if line["action"] == "request"]
    assert all(line["milliseconds"] > 0 and len(line["request_id"]) == 16 for line in requests)
    assert "secret" not in api_log.read_text()
    assert [line["action"] for line in worked if line.get("job") == job_id and line["action"].startswith("att")] == [
        "attempt_begun",
        "attempt_ended",
    ]
    (ended,) = [line for line in worked if line["action"] == "attempt_ended"]
    assert (ended["attempt"], ended["outcome"]) == (1, "succeeded")
    (printed,) = [line for line in worked if line["action"] == "output"]
    assert printed["message"] == "hello, \x1b[2J no JSON"
    assert len({line["worker"] for line in (ended, printed)}) == 1


def address_in(log: Path) -> str | None:
    """Where a server says that it listens."""
    found = re.search(r"Uvicorn running on (\S+)", log.read_text())
    return None if found is None else found[1]


def test_a_line_has_what_it_is_about_and_the_error_that_it_tells_of() -> None:
    record = logging.LogRecord("jobs.x", logging.ERROR, "", 0, "%s broke", ("it",), None)
    vars(record).update(about("break", job="a", attempt=2, step=None))
    error = ValueError("so")
    record.exc_info = (ValueError, error, None)
    line = json.loads(JsonLines().format(record))
    assert (line["level"], line["action"], line["message"]) == ("error", "break", "it broke")
    assert (line["job"], line["attempt"], "step" in line) == ("a", 2, False)
    assert line["exception"].endswith("ValueError: so")


def test_what_another_process_logged_as_json_stays_and_gets_what_it_lacks() -> None:
    theirs = json.dumps({"time": "t", "level": "warning", "action": "given_back", "message": "m", "job": "b"})
    assert json.loads(as_line(theirs, job="a", attempt=3)) == json.loads(theirs) | {"attempt": 3}
    for text in ('{"loss": 1}', "[1]", "no JSON", '"text"'):
        line = json.loads(as_line(text, job="a", attempt=3))
        assert (line["action"], line["message"], line["job"]) == ("output", text, "a")
