"""`bnlab status` against a served API."""

import json
import subprocess
from dataclasses import replace
from importlib.metadata import version

from bnlab import Client
from jobs.lifecycle.job import Job
from jobs.lifecycle.workers import announce
from jobs.storage.database import Database
from tests.support import recorded_jobs
from tests.support.command_line import bnlab

SICK = replace(recorded_jobs.a_worker(), id="w2", host="there", trouble="3 trainers in a row failed")


def ran(client: Client, *arguments: str) -> subprocess.CompletedProcess[str]:
    return bnlab("status", *arguments, url=client.url)


def test_a_server_without_workers_says_so(client: Client) -> None:
    shown = ran(client)
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert f"bnlab {version('bnlab')} at {client.url}" in lines[0]
    assert {"ok database, broker", "worker none is running", "jobs 0 queued; 0 running; 0 paused"} <= set(lines)


def test_who_trains_what_and_who_is_in_trouble_stands_on_one_screen(
    client: Client, database: Database, running: Job
) -> None:
    for worker in (recorded_jobs.a_worker(), SICK):
        announce(database, worker)
    queued = client.submit(data={"dataset": "synthetic"})["id"]
    shown = ran(client)
    assert shown.returncode == 0
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert "ok database, broker, worker" in lines
    assert "trouble there, w2: 3 trainers in a row failed" in lines
    assert any(line.startswith("jobs 1 queued, the next one for ") for line in lines)
    assert any(line.startswith("here busy 1/1 cpu ") for line in lines)
    assert any(line.startswith("there trouble 0/1 cpu ") for line in lines)
    assert f"- {running.id} 0/200 0% - - 1 w1" in lines
    assert queued not in shown.stdout
    assert len(lines) <= 24


def test_programs_get_all_of_it_as_json(client: Client, database: Database) -> None:
    announce(database, recorded_jobs.a_worker())
    found = json.loads(ran(client, "--json").stdout)
    assert found.keys() == {"url", "parts", "workers", "queue", "server"}
    assert found["parts"] == {"database": "ok", "broker": "ok", "worker": "ok"}
    assert [worker["id"] for worker in found["workers"]] == ["w1"]


def test_where_nothing_answers_it_fails_in_one_line() -> None:
    shown = bnlab("status", url="http://127.0.0.1:9")
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "nothing answers at http://127.0.0.1:9" in shown.stderr
