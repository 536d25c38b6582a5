"""What the README says is so: its session runs as it stands, through real containers, and its links lead somewhere."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.requirements import missing, require_any

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PATIENCE = 300.0  # seconds; the containers start together and a busy machine is slow, not wrong
BUILD_PATIENCE = 1800.0  # seconds
SERVER = "http://localhost:8000"


def block(language: str) -> str:
    """The README's first block of code in a language."""
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


UP, SUBMIT, FETCH = (line.removeprefix("$ ") for line in block("console").splitlines())


def compose() -> tuple[str, ...]:
    """The command that runs a compose file here: Docker's where its engine answers, else Podman's."""
    if shutil.which("docker") and subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0:
        return ("docker", "compose")
    return (require_any("podman-compose"),)


@pytest.fixture(scope="module")
def stack() -> Iterator[Callable[[str], None]]:
    """What the README's `docker compose up` starts, as a project of its own; gives what runs other compose verbs."""
    engine = compose()
    require_any("curl")
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 8000)) == 0:
            missing("port 8000, which the README's session uses, is taken")
    environment = {**os.environ, "COMPOSE_PROJECT_NAME": "bnlab-readme"}
    environment.setdefault("TORCH_INDEX_URL", "")

    def run(verb: str) -> None:
        command = [*engine, *verb.split()]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=BUILD_PATIENCE, check=False
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

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


def shell(line: str) -> dict[str, Any]:
    """The JSON that a line of the README prints."""
    environment = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}
    done = subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_session_runs_as_it_stands_and_its_series_outlives_the_containers(stack: Callable[[str], None]) -> None:
    submitted = shell(SUBMIT)
    assert (submitted["status"], submitted["spec"]["training"]["steps"]) == ("queued", 10_000)
    job = ended(submitted["id"])
    assert (job["status"], job["error"]) == ("succeeded", None)
    metrics = shell(FETCH.replace("ID", job["id"]))
    assert metrics["complete"] is True
    assert metrics["train"]["step"] == list(range(1, 10_001))
    assert metrics["test"]["accuracy"][-1] > 0.9
    shown = re.findall(r'"(\w+)":', block("json"))
    assert list(metrics) == [name for name in dict.fromkeys(shown) if name in metrics]
    assert list(metrics["train"]) == ["step", "time", "loss", "accuracy", "learning_rate", "gradient_norm"]
    stack("restart api worker")
    until(is_ready)
    assert shell(FETCH.replace("ID", job["id"])) == metrics


@pytest.mark.usefixtures("stack")
def test_a_job_of_200_steps_with_batch_normalization_goes_through_the_containers() -> None:
    document = {"batch_norm": True, "training": {"steps": 200}}
    job = ended(httpx.post(f"{SERVER}/jobs", json=document, trust_env=False).json()["id"])
    assert (job["status"], job["error"]) == ("succeeded", None)
    metrics = httpx.get(f"{SERVER}/jobs/{job['id']}/metrics", trust_env=False).json()
    assert (metrics["complete"], len(metrics["train"]["loss"])) == (True, 200)


@pytest.mark.usefixtures("stack")
def test_the_python_of_the_readme_runs_as_it_stands() -> None:
    found: dict[str, Any] = {}
    exec(block("python"), found)  # noqa: S102 - the block is in this checkout
    assert len(found["train"]) == 2000
    assert list(found["train"].columns)[:3] == ["step", "time", "loss"]


def test_every_link_leads_to_a_file() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", README))
    assert {"demo", "test"} <= named <= targets


def test_every_command_of_the_line_that_is_named_exists() -> None:
    from bnlab.cli.main import app

    commands = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    commands |= {str(group.name) for group in app.registered_groups}
    (named,) = re.findall(r"command line: (.+?); `bnlab --help`", README)
    assert set(re.findall(r"`(?:bnlab )?(\w+)`", named)) <= commands
