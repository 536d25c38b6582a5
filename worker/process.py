"""A trainer process as its supervisor sees it: started, told what to do, listened to, ended."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from jobs.attempts import Hold
from worker.control import BEAT, RUN, Alive, Ended, Ready, heard
from worker.limits import Used

MEANT: dict[int, str] = {
    signal.SIGKILL: "as the kernel does when memory runs out",
    signal.SIGSEGV: "a segmentation fault",
    signal.SIGABRT: "an abort in native code",
}
_LEAVE = 2.0  # seconds that a trainer gets to end by itself once its stdin is closed


class Trainer:
    """A freshly executed `python -m worker.trainer` in its own session; never a fork, which hangs after torch ran."""

    def __init__(self, on_ready: Callable[[Ready], None]) -> None:
        # cuBLAS is deterministic only with a fixed workspace, which must be named before CUDA starts.
        environment = {**os.environ, "CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "worker.trainer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        self._on_ready = on_ready
        self._heard: queue.Queue[Ended | None] = queue.Queue()
        self._began = self._moved = time.monotonic()
        self._step: int | None = None  # the last one that the attempt spoke of
        self._memory_mb = 0.0  # the most that it held in this attempt
        self.is_used = False  # whether it has run an attempt
        threading.Thread(target=self._listen, name=f"trainer-{self._process.pid}", daemon=True).start()

    def run(self, hold: Hold) -> None:
        """Hand an attempt over."""
        self.is_used = True
        self._began = self._moved = time.monotonic()
        self._step, self._memory_mb = None, 0.0
        self._measure_memory()
        self._tell(f"{RUN} {hold.job_id} {hold.attempt}")

    def beat(self) -> None:
        """Say that the supervisor is there and the lease renewed."""
        self._tell(BEAT)

    def ask(self, verb: str) -> None:
        """Ask the current attempt to end: `drain` or `stop`."""
        self._tell(verb)

    def ended(self, timeout: float) -> Ended | None:
        """How the attempt ended; None while it goes on. Raises EOFError where the process is gone without a word."""
        try:
            message = self._heard.get(timeout=timeout)
        except queue.Empty:
            return None
        if message is None:
            code = self._process.wait()
            raise EOFError(self._by_signal(-code) if code < 0 else f"ended with exit code {code}")
        return message

    def used(self, spent: float) -> Used:
        """What the attempt has used so far; `spent`: seconds of earlier attempts."""
        now = time.monotonic()
        self._measure_memory()
        return Used(self._step, now - self._moved, spent + now - self._began, self._memory_mb)

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._close()

    def dismiss(self) -> None:
        """Let an idle trainer go."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LEAVE)
        self.kill()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has died: `ended` says so
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = heard(line)
            if isinstance(message, Ready):
                self._on_ready(message)
            elif isinstance(message, Alive):
                self._step, self._moved = message.step, time.monotonic()
            else:
                self._heard.put(message)
        self._heard.put(None)

    def _measure_memory(self) -> None:
        # The most so far: a process that has died and not been waited for holds nothing any more.
        with suppress(psutil.Error):
            rss = psutil.Process(self._process.pid).memory_info().rss
            self._memory_mb = max(self._memory_mb, rss / 2**20)

    def _by_signal(self, number: int) -> str:
        at = "before its first step" if self._step is None else f"last heard of at step {self._step}"
        return f"ended by signal {number}, {MEANT.get(number, 'sent by somebody')}, {at}, with {self._memory_mb:.0f} MB"

    def _close(self) -> None:
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
