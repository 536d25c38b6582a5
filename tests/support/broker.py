"""A broker of the tests' own."""

import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import redis

from tests.support.requirements import require_any


class Broker:
    """A Redis or Valkey on a unix socket that keeps nothing but the snapshots it is told to take."""

    def __init__(self, folder: Path, program: str = "redis-server") -> None:
        self._folder, self._socket, self._program = folder, folder / "broker.sock", require_any(program)
        self.url = f"redis+socket://{self._socket}"
        self.start()

    def start(self) -> None:
        """As `bnlab up` starts it."""
        where = ("--port", "0", "--unixsocket", str(self._socket), "--dir", str(self._folder))
        command = [self._program, *where, "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10.0
        while not self._answers():
            assert time.monotonic() < deadline, "the broker does not start"
            time.sleep(0.02)

    def forget(self) -> None:
        """Lose every message."""
        with suppress(redis.RedisError):
            self._client().flushall()

    def hang(self) -> None:
        """Answer nothing, and keep every connection, until it is to go on."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again."""
        self._process.send_signal(signal.SIGCONT)

    def messages(self, queue: str) -> int:
        """How many wait in a queue of Celery's."""
        return int(self._client().llen(queue))

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()
        self._process.wait()
        self._socket.unlink(missing_ok=True)

    def restart(self) -> None:
        """End it, and start it again at once."""
        self.kill()
        self.start()

    def go_back(self) -> None:
        """Have it again as it was when this was called last: what has been taken is there once more."""
        self._client().save()
        self.kill()
        taken, old = self._folder / "dump.rdb", self._folder / "old.rdb"
        fresh = taken.rename(self._folder / "fresh.rdb")
        if old.exists():
            shutil.copy(old, taken)
        fresh.rename(old)
        self.start()
        taken.unlink(missing_ok=True)  # the next start is an empty one

    def _client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self._socket))

    def _answers(self) -> bool:
        try:
            return bool(self._client().ping())
        except redis.RedisError:
            return False
