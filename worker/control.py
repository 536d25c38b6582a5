"""What supervisor and trainer say to each other: lines down the trainer's stdin, JSON lines up its stdout."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from jobs.attempts import Hold
from jobs.job import JobError

RUN, BEAT, DRAIN, STOP = "run", "beat", "drain", "stop"  # `run JOB ATTEMPT`; the others stand alone
SILENCE = 11.0  # seconds without a beat after which a trainer ends itself: less than the lease
SAID_EVERY = 1.0  # seconds between two words of a trainer that it is alive
ABANDONED = 3  # exit code of a trainer whose supervisor is gone or silent


@dataclass(frozen=True)
class Ready:
    """The trainer's first line: it has loaded torch, and found these devices."""

    devices: tuple[str, ...]


@dataclass(frozen=True)
class Alive:
    """The attempt goes on: it has taken this step, or waits for room behind it."""

    step: int


@dataclass(frozen=True)
class Ended:
    """How an attempt ended: succeeded, failed (with its error), stopped, drained, or lost: it did not hold the job."""

    outcome: str
    error: JobError | None = None


def say(message: Ready | Alive | Ended) -> None:
    """Write a message as one line of stdout."""
    sys.stdout.buffer.write(orjson.dumps({type(message).__name__: asdict(message)}) + b"\n")
    sys.stdout.buffer.flush()


def heard(line: bytes) -> Ready | Alive | Ended:
    """The message in a line of a trainer's stdout."""
    ((name, fields),) = orjson.loads(line).items()
    if name == "Ready":
        return Ready(tuple(fields["devices"]))
    if name == "Alive":
        return Alive(fields["step"])
    error: dict[str, Any] | None = fields["error"]
    return Ended(fields["outcome"], JobError(**error) if error else None)


class Control:
    """The trainer's ear: a thread that reads stdin, and ends the process when the supervisor is gone or silent.

    `step` is the last one that the attempt said it had taken.
    """

    def __init__(self) -> None:
        self._asked: str | None = None
        self._last_beat = time.monotonic()
        self._busy = False
        self._holds: list[Hold] = []
        self.step, self._said = 0, 0.0
        self._arrived = threading.Condition()
        threading.Thread(target=self._listen, name="control", daemon=True).start()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def holds(self) -> Iterator[Hold]:
        """The attempts to run, one after another; waits for the next."""
        while True:
            with self._arrived:
                self._busy = bool(self._holds)
                self._arrived.wait_for(lambda: self._holds)
                hold = self._holds.pop()
            yield hold

    def asked(self) -> str | None:
        """`drain` or `stop` where the current attempt was asked to end, else None."""
        return self._asked

    def alive(self, step: int | None = None) -> None:
        """Tell the supervisor, once a second at the most, that the attempt goes on, and at which step."""
        self.step = self.step if step is None else step
        now = time.monotonic()
        if now - self._said >= SAID_EVERY:
            self._said = now
            say(Alive(self.step))

    def _listen(self) -> None:
        for line in sys.stdin:
            verb, *arguments = line.split()
            self._last_beat = time.monotonic()
            if verb == RUN:
                with self._arrived:
                    self._asked, self._busy, self.step = None, True, 0
                    self._holds.append(Hold(arguments[0], int(arguments[1])))
                    self._arrived.notify()
            elif verb != BEAT:
                self._asked = verb
        os._exit(ABANDONED)  # stdin closed: nobody would hear the result, and another attempt may start

    def _watch(self) -> None:
        while True:
            time.sleep(0.5)
            if self._busy and time.monotonic() - self._last_beat > SILENCE:
                os._exit(ABANDONED)
