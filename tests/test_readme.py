"""The README's first job runs as it stands through real containers, started as the page on containers says."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.support.markdown import ROOT, blocks, commands
from tests.support.requirements import missing, require_any

PATIENCE = 300.0  # seconds; the containers start together and a busy machine is slow, not wrong
BUILD_PATIENCE = 1800.0  # seconds
SERVER = "http://localhost:8000"


UP = commands(blocks("docs/running/containers.md", "console")[0].text)[0].line
SUBMIT, *FETCH = (
    command.line
    for block in blocks("README.md", "console")
    for command in commands(block.text)
    if command.line.startswith("curl ")
)
(PYTHON,) = blocks("README.md", "python")


def compose() -> tuple[str, ...]:
    """The command that runs a compose file here: Docker's where its engine answers, else Podman's."""
    if shutil.which("docker") and subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0:
        return ("docker", "compose")
    return (require_any("podman-compose"),)


@pytest.fixture(scope="module")
def stack() -> Iterator[Callable[[str], str]]:
    """What the README's `docker compose up` starts, as a project of its own; gives what runs other compose verbs.

    They answer with what they print.
    """
    engine = compose()
    require_any("curl")
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 8000)) == 0:
            missing("port 8000, which the README's session uses, is taken")
    environment = {**os.environ, "COMPOSE_PROJECT_NAME": "bnlab-readme"}
    environment.setdefault("TORCH_INDEX_URL", "")

    def run(verb: str) -> str:
        command = [*engine, *verb.split()]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=BUILD_PATIENCE, check=False
        )
        printed = done.stdout + done.stderr
        assert done.returncode == 0, printed[-6000:]
        return printed

    run("build")
    assert UP.startswith("docker compose ")
    command = [*engine, *UP.removeprefix("docker compose ").split()]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as up:
        try:
            until(is_ready)
            yield run
        finally:
            run("down --volumes")
            up.wait(PATIENCE)


def until(condition: Callable[[], Any]) -> Any:
    """Wait for a condition and return what it gave."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)
    return found


def is_ready() -> bool:
    try:
        return httpx.get(f"{SERVER}/readyz", trust_env=False).is_success
    except httpx.TransportError:
        return False


def ended(job_id: str) -> dict[str, Any]:
    """The job, once it has ended."""

    def look() -> dict[str, Any] | None:
        job: dict[str, Any] = httpx.get(f"{SERVER}/jobs/{job_id}", trust_env=False).json()
        return job if job["finished"] else None

    job: dict[str, Any] = until(look)
    return job


def metrics(job_id: str) -> dict[str, Any]:
    """Every step of a job."""
    answer: dict[str, Any] = httpx.get(f"{SERVER}/jobs/{job_id}/metrics", trust_env=False).json()
    return answer


def shell(line: str) -> dict[str, Any]:
    """The JSON that a line of the README prints."""
    environment = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}
    done = subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_session_runs_as_it_stands_and_its_series_outlives_the_containers(stack: Callable[[str], str]) -> None:
    submitted = shell(SUBMIT)
    assert (submitted["status"], submitted["spec"]["training"]["steps"]) == ("queued", 10_000)
    job = ended(submitted["id"])
    assert (job["status"], job["error"]) == ("succeeded", None)
    few, median = (shell(line.replace("ID", job["id"])) for line in FETCH)
    assert (few["complete"], few["sampled"], len(few["train"]["step"]) <= 5) == (True, True, True)
    assert len(median["layers"]["hidden3"]["p50"]) <= 5
    whole = metrics(job["id"])
    assert whole["train"]["step"] == list(range(1, 10_001))
    assert whole["test"]["accuracy"][-1] > 0.9
    stack("restart api worker")
    until(is_ready)
    assert metrics(job["id"]) == whole


def test_its_log_says_where_a_browser_goes_and_two_jobs_train_at_a_time(stack: Callable[[str], str]) -> None:
    (address,) = set(re.findall(r"Open bnlab in a browser: ([^\s\x1b]+)", stack("logs api")))
    assert address == "http://127.0.0.1:8000/ui/"
    assert httpx.get(address, trust_env=False).is_success
    assert stack("exec api bnlab open --print").strip().endswith(address)
    assert [worker["slots"] for worker in httpx.get(f"{SERVER}/workers", trust_env=False).json()["workers"]] == [2]


@pytest.mark.usefixtures("stack")
def test_a_job_of_200_steps_with_batch_normalization_goes_through_the_containers() -> None:
    document = {"batch_norm": True, "training": {"steps": 200}}
    job = ended(httpx.post(f"{SERVER}/jobs", json=document, trust_env=False).json()["id"])
    assert (job["status"], job["error"]) == ("succeeded", None)
    found = metrics(job["id"])
    assert (found["complete"], len(found["train"]["loss"])) == (True, 200)


@pytest.mark.usefixtures("stack")
def test_the_python_of_the_readme_runs_as_it_stands() -> None:
    found: dict[str, Any] = {}
    exec(PYTHON.text, found)  # noqa: S102 - the block is in this checkout
    assert found["test"]["step"] == [0, 500]
