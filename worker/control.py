"""The trainer's end of the socket: what its supervisor tells it, and what it says."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import get_args

from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.demands import Order
from worker.supervise.protocol import ABANDONED, BEAT, RUN, SAID_EVERY, SILENCE, Alive, Message, said

_ORDERS: dict[str, Order] = {order: order for order in get_args(Order)}


class Control:
    """The trainer's end of the socket: a thread that listens, and ends the process when nobody is there any more.

    Its supervisor is gone when the socket closes, and as good as gone when it is silent for too long. `step` is the
    last one that the attempt said it had taken.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._saying = threading.Lock()  # so that no line lands within another
        self._told: Order | None = None
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

    def told(self) -> Order | None:
        """How the current attempt was told to end, if it was."""
        return self._told

    def say(self, message: Message) -> None:
        """Tell the supervisor."""
        try:
            with self._saying:
                self._connection.sendall(said(message))
        except OSError:
            os._exit(ABANDONED)

    def alive(self, step: int | None = None) -> None:
        """Tell the supervisor, once a second at the most, that the attempt goes on, and at which step."""
        self.step = self.step if step is None else step
        now = time.monotonic()
        if now - self._said >= SAID_EVERY:
            self._said = now
            self.say(Alive(self.step))

    def _listen(self) -> None:
        with suppress(ConnectionError):
            for line in self._connection.makefile("r"):
                self._obey(*line.split())
        os._exit(ABANDONED)  # it closed: nobody would hear the result, and another attempt may start

    def _obey(self, verb: str, *arguments: str) -> None:
        self._last_beat = time.monotonic()
        if verb == RUN:
            with self._arrived:
                self._told, self._busy, self.step = None, True, 0
                self._holds.append(Hold(arguments[0], int(arguments[1])))
                self._arrived.notify()
        elif verb != BEAT:
            self._told = _ORDERS[verb]

    def _watch(self) -> None:
        while True:
            time.sleep(0.5)
            if self._busy and time.monotonic() - self._last_beat > SILENCE:
                os._exit(ABANDONED)
