"""A trainer ends itself when its supervisor is gone or silent, whatever it is doing."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from jobs.attempts import LEASE
from worker.control import ABANDONED, SILENCE

BUSY = """
import time
from worker.control import Control
next(Control().holds())
print("busy", flush=True)
time.sleep(99)
"""


@pytest.fixture
def busy() -> Iterator[subprocess.Popen[str]]:
    """A process that listens as a trainer does, and is held up by its attempt."""
    process = subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    tell(process, "run job 1")
    assert process.stdout.readline() == "busy\n"
    yield process
    process.kill()
    process.communicate()


def tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def test_it_ends_when_it_has_heard_no_beat_for_its_silence_and_no_sooner(busy: subprocess.Popen[str]) -> None:
    tell(busy, "beat")
    heard = time.monotonic()
    assert busy.wait(SILENCE + 5) == ABANDONED
    assert SILENCE <= time.monotonic() - heard < min(SILENCE + 1, LEASE)  # before anybody else may take the job


def test_it_ends_at_once_when_its_stdin_closes(busy: subprocess.Popen[str]) -> None:
    assert busy.stdin is not None
    busy.stdin.close()
    busy.stdin = None
    assert busy.wait(1) == ABANDONED
