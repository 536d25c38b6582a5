"""A PostgreSQL server of the tests' own, on a unix socket, and an empty database in it for whoever asks."""

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.requirements import missing

ACCOUNT = "postgres"  # of Debian's package: the server refuses to run as root
_numbers = itertools.count()


@contextmanager
def server() -> Iterator[Path]:
    """The folder of its socket; skips, or fails where everything is required, without PostgreSQL."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    if programs is None:
        missing("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="bnlab-postgres-"))  # a short path: a socket's may have 107 characters
    as_account: list[str] = []
    if os.getuid() == 0:
        shutil.chown(folder, ACCOUNT)
        as_account = ["runuser", "-u", ACCOUNT, "--"]
    data = folder / "data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    subprocess.run([*as_account, programs / "initdb", "-D", data, "-U", ACCOUNT, "--auth=trust", "-N"], **quiet)  # type: ignore[call-overload]
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=200"
    control = [*as_account, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    subprocess.run([*control, "-o", options, "start"], **quiet)  # type: ignore[call-overload]
    try:
        yield folder
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)  # type: ignore[call-overload]
        shutil.rmtree(folder)


def new_database(folder: Path) -> str:
    """The URL of a database that is empty."""
    name = f"bnlab{next(_numbers)}"
    with psycopg.connect(host=str(folder), user=ACCOUNT, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"postgresql://{ACCOUNT}@/{name}?host={folder}"
