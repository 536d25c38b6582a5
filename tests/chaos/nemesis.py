"""Something goes wrong again and again, at random from a seed: processes are ended or stopped, the broker forgets."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import redis

from tests.chaos.conftest import Stand, wait_until

PAUSE = (0.2, 3.0)  # seconds between two evil deeds
STOPPED = (0.5, 18.0)  # seconds that a process stands still: for a moment, past its silence, past its lease
WORKERS = 2


class Broker:
    """A redis-server on a unix socket that keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "broker.sock"
        self.url = f"redis+socket://{self._socket}"
        self.start()

    def start(self) -> None:
        """As `bnlab up` starts it."""
        options = ("--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no")
        self._process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        wait_until(self._answers, 10.0)

    def forget(self) -> None:
        """Lose every message."""
        with suppress(redis.RedisError):
            self._client().flushall()

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()
        self._process.wait()

    def _client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self._socket))

    def _answers(self) -> bool:
        try:
            return bool(self._client().ping())
        except redis.RedisError:
            return False


class Nemesis:
    """Deeds on a stand and its broker, drawn from a seed."""

    def __init__(self, stand: Stand, broker: Broker, seed: int) -> None:
        self._stand, self._broker, self._random = stand, broker, random.Random(seed)
        self._stopped: list[tuple[float, int]] = []  # until when which process stands still
        self.deeds: list[str] = []

    def rage(self, seconds: float, between: Callable[[], None]) -> None:
        """For so long; `between` is called after each deed."""
        deeds = (self._kill_trainer, self._kill_worker, self._stop_trainer, self._stop_worker, self._confuse_broker)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            deed = self._random.choice(deeds)
            deed()
            self.deeds.append(deed.__name__.strip("_"))
            self._wait(self._random.uniform(*PAUSE))
            self._stand.keep_workers(WORKERS)
            between()

    def make_peace(self) -> None:
        """Let everything go on that stands still."""
        for _, pid in self._stopped:
            _signal(pid, signal.SIGCONT)

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            for until, pid in [each for each in self._stopped if each[0] <= now]:
                _signal(pid, signal.SIGCONT)
                self._stopped.remove((until, pid))
            time.sleep(0.02)

    def _kill_trainer(self) -> None:
        self._to_a_trainer(signal.SIGKILL)

    def _stop_trainer(self) -> None:
        self._to_a_trainer(signal.SIGSTOP)

    def _kill_worker(self) -> None:
        self._to(self._random.choice(self._stand.workers).pid, signal.SIGKILL)

    def _stop_worker(self) -> None:
        self._to(self._random.choice(self._stand.workers).pid, signal.SIGSTOP)

    def _confuse_broker(self) -> None:
        if self._random.random() < 0.5:
            self._broker.forget()
        else:
            self._broker.kill()
            self._broker.start()

    def _to_a_trainer(self, number: signal.Signals) -> None:
        trainers: list[psutil.Process] = sorted(self._stand.trainers(), key=lambda process: process.pid)
        if trainers:
            self._to(self._random.choice(trainers).pid, number)

    def _to(self, pid: int, number: signal.Signals) -> None:
        _signal(pid, number)
        if number is signal.SIGSTOP:
            self._stopped.append((time.monotonic() + self._random.uniform(*STOPPED), pid))


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
