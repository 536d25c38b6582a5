"""A trainer ends itself when its supervisor is gone or silent, whatever it is doing."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from jobs.lifecycle.attempts import LEASE
from worker.supervise.protocol import ABANDONED, SILENCE

BUSY = """
import socket, sys, time
from worker.control import Control
next(Control(socket.socket(fileno=int(sys.argv[1]))).holds())
print("busy", flush=True)
time.sleep(99)
"""


@dataclass(frozen=True)
class Busy:
    """A process that listens as a trainer does, held up by its attempt; and the other end of its socket."""

    process: subprocess.Popen[str]
    socket: socket.socket

    def tell(self, line: str) -> None:
        self.socket.sendall(f"{line}\n".encode())


@pytest.fixture
def busy() -> Iterator[Busy]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = [sys.executable, "-c", BUSY, str(theirs.fileno())]
        process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), stdout=subprocess.PIPE, text=True)
        theirs.close()
        started = Busy(process, ours)
        started.tell("run job 1")
        assert process.stdout is not None
        assert process.stdout.readline() == "busy\n"
        yield started
        process.kill()
        process.communicate()


def test_it_ends_when_it_has_heard_no_beat_for_its_silence_and_no_sooner(busy: Busy) -> None:
    busy.tell("beat")
    heard = time.monotonic()
    assert busy.process.wait(SILENCE + 5) == ABANDONED
    assert SILENCE <= time.monotonic() - heard < min(SILENCE + 1, LEASE)  # before anybody else may take the job


def test_it_ends_at_once_when_its_socket_closes(busy: Busy) -> None:
    busy.socket.close()
    assert busy.process.wait(1) == ABANDONED
