"""What a real trainer prints, however much that is: events that are bounded, and a training that goes on."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jobs.lifecycle import clients, lookup
from jobs.lifecycle.job import Status
from jobs.lifecycle.printed import KEPT_OUTPUT, PIECE
from jobs.lifecycle.workers import live_workers
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support.events import events_of
from tests.support.workers import running_worker, submit, until, wait_for

LINE = "this is printed a million times, which is 100 MB, and more than anybody reads of a training: {:07d}"
LINES = 1_000_000
TALKATIVE = f"""
import pathlib, sys, threading, time
folder = pathlib.Path(__file__).parent
def talk():
    while not (folder / "talk").exists():
        time.sleep(0.05)
    for i in range({LINES}):
        print({LINE!r}.format(i))
    print("that was all é", flush=True)
    (folder / "done").touch()
if "worker.trainer" in sys.orig_argv:
    threading.Thread(target=talk, daemon=True).start()
"""


@pytest.fixture
def talking(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker whose trainers print once there is a file `talk`."""
    (tmp_path / "sitecustomize.py").write_text(TALKATIVE)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path.cwd()}")
    with running_worker(settings) as process:
        until(lambda: live_workers(database))
        yield process


def test_a_trainer_that_prints_100_mb_trains_on_and_the_last_of_it_is_kept(
    talking: subprocess.Popen[bytes], database: Database, tmp_path: Path
) -> None:
    job = submit(database, training={"steps": 10_000_000}, evaluation={"every": 1_000_000})
    until(lambda: lookup.get(database, job.id).step)
    before, held = lookup.get(database, job.id).step, psutil.Process(talking.pid).memory_info().rss
    (tmp_path / "talk").touch()
    until((tmp_path / "done").exists)
    until(lambda: "that was all é" in (lookup.attempts_of(database, job.id)[0].output or ""))
    assert psutil.Process(talking.pid).memory_info().rss - held < 20 * 2**20
    until(lambda: lookup.get(database, job.id).step > before)
    outputs = [event for event in events_of(database, job.id) if event.type == "output"]
    assert all(event.data["bytes"] == len(event.message.encode()) <= PIECE for event in outputs)
    assert sum(event.data["bytes"] for event in outputs) <= KEPT_OUTPUT
    assert outputs[-1].message.endswith("that was all é\n")
    told = sum(event.data["bytes"] + event.data["left_out"] for event in outputs)
    assert told <= LINES * (len(LINE.format(0)) + 1) + len("that was all é\n".encode())
    clients.ask(database, job.id, "cancel")
    assert wait_for(database, job).status is Status.CANCELLED
