"""A PostgreSQL server of the tests' own, on a unix socket, and an empty database in it for whoever asks."""

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.support.requirements import missing

ACCOUNT = "postgres"  # of Debian's package: the server refuses to run as root
PATIENCE = 180  # seconds in which it has to answer
_numbers = itertools.count()


@dataclass(frozen=True)
class Server:
    """A server that runs; `folder` has its data and its socket."""

    folder: Path
    programs: Path
    as_account: tuple[str, ...]

    def new_database(self) -> str:
        """The URL of a database that is empty."""
        name = f"bnlab{next(_numbers)}"
        with psycopg.connect(host=str(self.folder), user=ACCOUNT, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://{ACCOUNT}@/{name}?host={self.folder}"

    def initialize(self) -> None:
        """Make its files."""
        self._run("initdb", "-U", ACCOUNT, "--auth=trust", "-N")

    def start(self) -> None:
        """Start it, and wait until it answers.

        It dies as a process, never with the machine: nothing need be on the disk before it answers. A busy machine is
        slow, not wrong.
        """
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=200 -c fsync=off"
        self._run("pg_ctl", "-w", "-t", str(PATIENCE), "-l", self.folder / "log", "-o", options, "start")

    def stop(self) -> None:
        """End it as a crash does: open transactions are gone, and what was committed is found again."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [*self.as_account, self.programs / program, "-D", self.folder / "data", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def server() -> Iterator[Server]:
    """It runs until the end; skips, or fails where everything is required, without PostgreSQL."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    if programs is None:
        missing("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="bnlab-postgres-"))  # a short path: a socket's may have 107 characters
    as_account: tuple[str, ...] = ()
    if os.getuid() == 0:
        shutil.chown(folder, ACCOUNT)
        as_account = ("runuser", "-u", ACCOUNT, "--")
    server = Server(folder, programs, as_account)
    try:
        server.initialize()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
