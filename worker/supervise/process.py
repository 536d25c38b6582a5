"""A trainer process as its supervisor sees it: started, told what to do, listened to, ended."""

import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import psutil

from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.demands import Order
from jobs.lifecycle.job import Ended
from jobs.lifecycle.printed import Printed
from jobs.logs import about
from jobs.settings import Log
from worker.supervise.json_lines import json_lines
from worker.supervise.limits import Used
from worker.supervise.output import Output
from worker.supervise.protocol import BEAT, RUN, Alive, Ready, Taken, heard

MEANT: dict[int, str] = {
    signal.SIGKILL: "as the kernel does when memory runs out",
    signal.SIGSEGV: "a segmentation fault",
    signal.SIGABRT: "an abort in native code",
}
# Of glibc's malloc: what a Block frees the next one takes; else it goes back to the kernel, and comes in page by page.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**28), "MALLOC_TRIM_THRESHOLD_": str(2**29)}  # bytes
# Of numpy, whose products find how inputs are whitened. With as many threads as there are cores, which others use too,
# that takes five times as long. Torch's threads are as many as the job says.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
_LEAVE = 2.0  # seconds that a trainer gets to end by itself once nobody listens to it
_LAST_WORDS = 0.5  # seconds in which what a process said before it ended is heard

log = logging.getLogger(__name__)


class Trainer:
    """A freshly executed `python -m worker.trainer` in its own session; never a fork, which hangs after torch ran.

    It is spoken with over a socket of its own: what it prints is no message. Raises OSError where no process starts.
    """

    def __init__(self, log: Log = "text") -> None:
        self._log = log
        self._start()

    def _start(self) -> None:
        environment = {**KEEP_MEMORY, **ONE_THREAD, **os.environ, "PYTHONUNBUFFERED": "1"}
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - the program is ours
                [sys.executable, "-m", "worker.trainer", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs.fileno(),),
                env=environment,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        self._handed: Hold | None = None  # the last attempt
        self._output = Output(self._process.stdout, json_lines(self._whose) if self._log == "json" else None)
        self._heard: queue.Queue[Ended | None] = queue.Queue()
        self._started = self._began = self._moved = time.monotonic()
        self._step: int | None = None  # the last one that the attempt spoke of
        self._memory_mb = 0.0  # the most that it held in this attempt
        self._taken: Hold | None = None
        self.ready: Ready | None = None  # what it said once it had loaded torch
        self.is_used = False  # whether it has run an attempt
        threading.Thread(target=self._listen, name=f"trainer-{self._process.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._started

    def run(self, hold: Hold) -> None:
        """Hand an attempt over."""
        self.is_used, self._handed = True, hold
        self._output.forget()
        self._began = self._moved = time.monotonic()
        self._step, self._memory_mb = None, 0.0
        self._measure_memory()
        self._say(f"{RUN} {hold.job_id} {hold.attempt}")

    def has_taken(self, hold: Hold) -> bool:
        """Whether it said that it has taken the attempt: from then on its death is a loss of the job."""
        return self._taken == hold

    def beat(self) -> None:
        """Say that the supervisor is there and the lease renewed."""
        self._say(BEAT)

    def tell(self, order: Order) -> None:
        """Tell the current attempt to end."""
        self._say(order)

    def ended(self, timeout: float) -> Ended | None:
        """How the attempt ended; None while it goes on. Raises EOFError where the process is gone without a word."""
        try:
            message = self._heard.get(timeout=timeout)
        except queue.Empty:
            if self._process.poll() is None:
                return None
            message = self._last_word()  # a process that it left behind may keep the socket open
        if message is None:
            raise EOFError(self._fate())
        return message

    def printed(self) -> Printed:
        """The last of what the process printed in this attempt, and what of it is not told."""
        return self._output.printed()

    def told(self, printed: Printed) -> None:
        """Say that this is told, as an event of the job."""
        self._output.told(printed.end)

    def used(self, spent: float) -> Used:
        """What the attempt has used so far; `spent`: seconds of earlier attempts."""
        now = time.monotonic()
        self._measure_memory()
        return Used(self._step, now - self._moved, spent + now - self._began, self._memory_mb)

    def kill(self) -> None:
        """End the process at once, and whatever it started."""
        self._end_group()
        self._process.wait()
        self._socket.close()
        self._output.close()

    def dismiss(self) -> None:
        """Let an idle trainer go."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LEAVE)
        self.kill()

    def renew(self) -> None:
        """End the process, which holds what is of earlier jobs, and start another in its place. Raises OSError."""
        self.dismiss()
        self._start()

    def _whose(self) -> dict[str, Any]:
        """Whose output is read, for the log."""
        return {} if self._handed is None else self._handed.fields

    def _say(self, line: str) -> None:
        with suppress(OSError):  # it has died: `ended` says so
            self._socket.sendall(f"{line}\n".encode())

    def _listen(self) -> None:
        with suppress(OSError), self._socket.makefile("rb") as lines:
            for line in lines:
                try:
                    self._note(heard(line))
                except (ValueError, KeyError, TypeError):
                    log.warning("a trainer said what nobody understands: %r", line[:200], extra=about("not_understood"))
        self._heard.put(None)

    def _note(self, message: Ready | Taken | Alive | Ended) -> None:
        match message:
            case Ready():
                self.ready = message
            case Taken():
                self._taken = self._handed
            case Alive(step):
                self._step, self._moved = step, time.monotonic()
            case Ended():
                self._heard.put(message)

    def _last_word(self) -> Ended | None:
        with suppress(queue.Empty):
            return self._heard.get(timeout=_LAST_WORDS)
        return None

    def _fate(self) -> str:
        """How the process ended; what it started ends with it."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LEAVE)
        self._end_group()
        code = self._process.wait()
        return self._by_signal(-code) if code < 0 else f"ended with exit code {code}"

    def _end_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _measure_memory(self) -> None:
        # The most so far: a process that has died and not been waited for holds nothing any more.
        with suppress(psutil.Error):
            rss = psutil.Process(self._process.pid).memory_info().rss
            self._memory_mb = max(self._memory_mb, rss / 2**20)

    def _by_signal(self, number: int) -> str:
        at = "before its first step" if self._step is None else f"last heard of at step {self._step}"
        return f"ended by signal {number}, {MEANT.get(number, 'sent by somebody')}, {at}, with {self._memory_mb:.0f} MB"
