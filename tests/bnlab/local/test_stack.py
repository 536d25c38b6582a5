"""`bnlab up` as one has it in a terminal: broker, API, worker and trainers, real ones, and how they come and go."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bnlab import Client
from bnlab.local.stack import DATASET
from jobs.lifecycle import lookup
from jobs.lifecycle.job import Status
from jobs.settings import Settings
from jobs.spec.document import Data
from jobs.storage.database import open_database
from jobs.storage.objects.opening import open_objects
from tests.chaos.checker import check_ended, nothing_retired
from tests.support.command_line import BNLAB, bnlab, environment
from tests.support.namesakes import modules
from tests.support.processes import is_running
from tests.support.requirements import require_any
from tests.support.workers import PATIENCE, SMALL, until

NOWHERE = "http://127.0.0.1:1"  # a proxy that is not there: fetching fails at once, with a network or without
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_FIND_LINKS": "",
    "PIP_CONFIG_FILE": os.devnull,
    "https_proxy": NOWHERE,
    "no_proxy": "",
}


@dataclass(frozen=True)
class Up:
    """A `bnlab up` that has said that it is up."""

    process: subprocess.Popen[bytes]
    data: Path
    output: Path

    def printed(self) -> list[str]:
        return [line.strip() for line in self.output.read_text().splitlines()]

    @property
    def url(self) -> str:
        (line,) = [line for line in self.printed() if line.startswith("bnlab is up at ")]
        return line.removeprefix("bnlab is up at ").partition(",")[0]


@contextmanager
def up(folder: Path, *options: str, offline: dict[str, str] = OFFLINE) -> Iterator[Up]:
    """A `bnlab up` on any free port, its data in `folder/data`; ended by SIGTERM, if it has not ended before.

    It is started in a folder where somebody has modules that are called like ours, and with these variables, by which
    it has no network.
    """
    data, output = folder / "data", folder / "output"
    command = [BNLAB, "up", "--port", "0", "--data", str(data), *options]
    with output.open("wb") as file:
        own, theirs = environment() | offline, modules(folder / "theirs")
        process = subprocess.Popen(command, cwd=theirs, env=own, stdout=file, stderr=file)
    try:
        until(lambda: "\nWhat it takes: " in output.read_text() or process.poll() is not None)
        assert process.poll() is None, output.read_text()
        yield Up(process, data, output)
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One for the tests that leave it as it was."""
    with up(tmp_path_factory.mktemp("up")) as service:
        yield service


@pytest.fixture
def sdk(service: Up) -> Iterator[Client]:
    with Client(service.url) as sdk:
        yield sdk


def descendants(pid: int) -> list[int]:
    """The process ids of a process's children, of theirs, and so on."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    children = [int(child) for child in found.stdout.split()]
    return children + [below for child in children for below in descendants(child)]


def broker_of(service: Up) -> int | None:
    """The process id of the broker that runs now."""
    command = ["pgrep", "-P", str(service.process.pid), "-f", "broker[.]sock"]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return int(found[0]) if found and is_running(int(found[0])) else None


def pasted(line: str) -> Any:
    """What a printed curl line gives in a shell, as JSON."""
    require_any("curl")
    shown = subprocess.run(  # noqa: S602 - a user pastes it into a shell
        line, shell=True, env=environment() | {"no_proxy": "*"}, capture_output=True, text=True, check=True
    )
    return httpx.Response(200, text=shown.stdout).json()


def test_it_says_where_it_is_what_is_missing_and_two_lines_that_work_as_pasted(service: Up, sdk: Client) -> None:
    printed = service.printed()
    assert any(line.startswith("warning: dataset 'mnist' is not here") for line in printed)
    assert f"bnlab is up at {service.url}, its data in {service.data}" in printed
    assert f"export BNLAB_URL={service.url}" in printed
    assert f"Its pages: {service.url}/ui/" in printed
    submit, metrics = (line for line in printed if line.startswith("curl "))
    job = pasted(submit)
    assert (job["status"], job["spec"]["architecture"]["preset"]) == ("queued", "mlp")
    assert pasted(metrics.replace("ID", job["id"]))["job"] == job["id"]
    sdk.cancel(job["id"])  # it has 10,000 steps, behind which the other tests' jobs would wait


def test_what_it_fetches_first_is_what_a_job_trains_on_that_names_nothing() -> None:
    assert Data().dataset == DATASET


def test_a_job_that_is_submitted_is_trained(sdk: Client) -> None:
    job = sdk.wait(sdk.submit(SMALL | {"training": {"steps": 200}})["id"], timeout=PATIENCE, poll=0.05)
    assert (job["status"], job["error"], job["progress"]["step"]) == ("succeeded", None, 200)
    assert sdk.metrics(job["id"])["train"]["step"] == list(range(1, 201))


def test_a_broker_that_is_killed_is_started_again_and_holds_no_job_up(service: Up, sdk: Client) -> None:
    assert sdk.is_ready()
    killed = broker_of(service)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    job_id = sdk.submit(SMALL)["id"]
    until(lambda: sdk.job(job_id)["started"])
    until(lambda: broker_of(service) not in (None, killed) and sdk.is_ready())
    printed = "\n".join(service.printed())
    assert "the broker was ended by SIGKILL; the last lines of " in printed
    assert "starting it again" in printed
    assert sdk.wait(job_id, timeout=PATIENCE, poll=0.05)["status"] == "succeeded"


def test_a_second_one_on_the_same_data_is_refused_and_told_of_the_first(service: Up) -> None:
    second = bnlab("up", "--port", "0", "--data", str(service.data))
    assert (second.returncode, second.stdout) == (1, "")
    assert f"(process {service.process.pid}, {service.url})" in second.stderr
    assert len(second.stderr.splitlines()) == 1
    assert httpx.get(f"{service.url}/healthz", trust_env=False).json() == {"status": "alive"}


def test_where_its_port_is_taken_it_starts_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])
        refused = bnlab("up", "--port", port, "--data", str(tmp_path / "data"))
    assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (1, "", 1)
    assert refused.stderr.startswith(f"bnlab: cannot listen on 127.0.0.1, port {port}: ")
    assert not (tmp_path / "data").exists()


def test_beyond_loopback_the_token_is_needed_and_in_the_printed_lines(tmp_path: Path) -> None:
    with up(tmp_path, "--host", "0.0.0.0") as service:
        token = (service.data / "token").read_text().strip()
        for path in ("/jobs", "/readyz"):
            assert httpx.get(f"{service.url}{path}", trust_env=False).status_code == 401
        lines = [line for line in service.printed() if line.startswith("curl ")]
        assert len(lines) == 2
        assert f"export BNLAB_URL={service.url} BNLAB_TOKEN={token}" in service.printed()
        assert all(f"Authorization: Bearer {token}" in line for line in lines)
        (pages,) = [line for line in service.printed() if line.startswith("Its pages: ")]
        address, _, code = pages.removeprefix("Its pages: ").partition("#code=")
        assert address == f"{service.url}/ui/"
        with httpx.Client(base_url=service.url, trust_env=False) as browser:
            assert browser.post("/session", json={"code": code}).status_code == 204
            assert browser.get("/readyz").status_code == 200
        job = pasted(lines[0])
        assert job["status"] == "queued"
        assert pasted(lines[1].replace("ID", job["id"]))["job"] == job["id"]


def test_what_was_set_for_it_alone_is_exported_in_another_terminal(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])
    own = {"BNLAB_PORT": port, "BNLAB_ACCESS": "token", "BNLAB_TOKEN": "0123456789abcdef0123456789abcdef"}
    with up(tmp_path, "--port", port, offline=OFFLINE | own) as service:
        line = f"export BNLAB_URL=http://127.0.0.1:{port} BNLAB_TOKEN={own['BNLAB_TOKEN']}"
        assert line in service.printed()


def test_after_a_power_cut_every_job_goes_on_to_the_bits_of_an_undisturbed_one(tmp_path: Path) -> None:
    document = SMALL | {"training": {"steps": 3000}, "evaluation": {"every": 500, "probabilities": True}}
    with up(tmp_path, "--workers", "2") as service, Client(service.url) as sdk:
        undisturbed = sdk.submit(document)["id"]
        sdk.wait(undisturbed, timeout=PATIENCE, poll=0.05)
        ids = [sdk.submit(document)["id"] for _ in range(3)]
        until(lambda: all(sdk.job(job_id)["progress"]["step"] for job_id in ids[:2]))
        for pid in (service.process.pid, *descendants(service.process.pid)):
            with suppress(ProcessLookupError):  # its parent was its leash
                os.kill(pid, signal.SIGKILL)
    with up(tmp_path, "--workers", "2") as service, Client(service.url) as sdk:
        jobs = [sdk.wait(job_id, timeout=PATIENCE, poll=0.05) for job_id in ids]
        assert [len(job["attempts"]) for job in jobs] == [2, 2, 1]
        settings = Settings(data=service.data)
        with closing(open_database(settings)) as database:
            until(lambda: nothing_retired(database))
    with closing(open_database(settings)) as database:
        check_ended(database, open_objects(settings), ids, lookup.get(database, undisturbed))
        assert {lookup.get(database, job_id).status for job_id in ids} == {Status.SUCCEEDED}


def test_sigterm_ends_everything_and_puts_a_running_job_back(tmp_path: Path) -> None:
    with up(tmp_path, "--workers", "2") as service:
        with Client(service.url) as sdk:
            ids = [sdk.submit(SMALL | {"training": {"steps": 1_000_000}})["id"] for _ in range(3)]
            until(lambda: all(sdk.job(job_id)["progress"]["step"] for job_id in ids[:2]))
            assert sdk.job(ids[2])["status"] == "queued"
        below = descendants(service.process.pid)
        assert len(below) >= 5  # broker, API, worker and two trainers
        service.process.terminate()
        assert service.process.wait(PATIENCE) == 0
        assert [pid for pid in below if is_running(pid)] == []
        assert service.printed()[-1] == "bnlab has ended."
    with closing(open_database(Settings(data=service.data))) as database:
        jobs = [lookup.get(database, job_id) for job_id in ids]
        outcomes = [[attempt.outcome for attempt in lookup.attempts_of(database, job_id)] for job_id in ids]
    assert [(job.status, job.losses) for job in jobs] == [(Status.QUEUED, 0)] * 3
    assert outcomes == [["drained"], ["drained"], []]
