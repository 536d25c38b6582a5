"""What a process prints: passed on to this process's own stderr, and the last of it kept."""

import os
import select
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import IO

from jobs.lifecycle.printed import PIECE, Printed, printed

_PIECE = 65_536  # bytes read at once
_PIECES = 16  # the most that `printed` waits for of a process that goes on printing
_BEHIND = 2**20  # bytes that wait to be passed on, the most; what is older is dropped
_PATIENCE = 0.1  # seconds that a log gets to take some of them
_LAST_WORDS = 0.5  # seconds; longer only where a process of somebody else's holds the pipe

Lines = Callable[[bytes, bool], Iterable[bytes]]
"""What is passed on of what was read, and whether that was the last."""


class Output:
    """Reads a pipe on a thread of its own, so that whoever prints hardly waits.

    lines: makes of it what is passed on; without it, that is passed on as it is.

    Where this process's stderr takes nothing, as when its terminal is held, what was printed is dropped there.
    """

    def __init__(self, pipe: IO[bytes], lines: Lines | None = None) -> None:
        self._pipe, self._lines = pipe, lines
        self._kept, self._unsaid = b"", b""
        self._printed = self._told = 0  # bytes of the attempt
        self._is_over = False
        self._lock = threading.Lock()  # of what was read
        self._thread = threading.Thread(target=self._read, name="output", daemon=True)
        self._thread.start()

    def forget(self) -> None:
        """Begin anew: what was printed so far is of an earlier attempt."""
        self.printed()
        with self._lock:
            self._kept, self._printed, self._told = b"", 0, 0

    def printed(self) -> Printed:
        """The last of what was printed until now, and what of it is not told."""
        with self._lock:
            for _ in range(_PIECES):
                if self._is_over or not select.select([self._pipe], [], [], 0)[0]:
                    break
                self._read_piece()
            return printed(self._kept, self._printed, self._told)

    def told(self, end: int) -> None:
        """Say that what was printed is told, up to where a `Printed` ended."""
        self._told = end

    def close(self) -> None:
        """Read what is left of a process that has ended. Who else holds the pipe is not waited for."""
        self._thread.join(_LAST_WORDS)

    def _read(self) -> None:
        while not self._is_over:
            select.select([self._pipe], [], [])
            with self._lock:
                if not self._is_over and select.select([self._pipe], [], [], 0)[0]:
                    self._read_piece()
                unsaid, self._unsaid = self._unsaid, b""
            self._say(unsaid)
        self._pipe.close()

    def _say(self, unsaid: bytes) -> None:
        if self._lines is None:
            _pass_on(unsaid)
            return
        for line in self._lines(unsaid, self._is_over):
            _pass_on(line)

    def _read_piece(self) -> None:
        piece = os.read(self._pipe.fileno(), _PIECE)
        self._is_over = not piece
        self._kept, self._printed = (self._kept + piece)[-PIECE:], self._printed + len(piece)
        self._unsaid = (self._unsaid + piece)[-_BEHIND:]


def _pass_on(printed: bytes) -> None:
    for i in range(0, len(printed), select.PIPE_BUF):  # as much as a pipe takes at once that takes anything
        if not select.select([], [2], [], _PATIENCE)[1]:
            return
        with suppress(OSError):  # a log that cannot be written holds no training up
            os.write(2, printed[i : i + select.PIPE_BUF])
