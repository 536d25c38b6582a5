"""A data folder that a newer release has written is refused in a line, and nothing in it is touched."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.first_release.fixture import unpack

NEWER = "UPDATE alembic_version SET version_num = '9999'"
STARTED = {
    "api": ("-m", "uvicorn", "api.main:app", "--port", "0"),
    "worker": ("-m", "celery", "-A", "worker.app", "worker", "-P", "threads", "-c", "1"),
    "bnlab up": ("-c", "from bnlab.cli.main import main; main()", "up", "--port", "0"),
}


def ended_as_it_should(data: Path) -> None:
    """As a server leaves its folder that was stopped."""
    with closing(sqlite3.connect(data / "bnlab.sqlite")) as database, database:
        database.execute(NEWER)


def was_killed(data: Path) -> None:
    """As a server leaves its folder that was killed some time after the newer release came."""
    ended_as_it_should(data)
    killed_with(data, "UPDATE jobs SET step = step + 1")


def was_killed_at_once(data: Path) -> None:
    """As a server leaves its folder that was killed when it had just changed its tables."""
    killed_with(data, NEWER)


def killed_with(data: Path, statement: str) -> None:
    """What a statement has changed is in the log alone: the last process that closes the database would move it."""
    with closing(sqlite3.connect(data / "bnlab.sqlite")) as database:
        with database:
            database.execute(statement)
        shutil.copytree(data, data.with_name("killed"))
    shutil.rmtree(data)
    data.with_name("killed").rename(data)
    assert (data / "bnlab.sqlite-wal").stat().st_size > 0


def start(part: str, data: Path) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BNLAB_")}
    environment = inherited | {"BNLAB_DATA": str(data), "BNLAB_ACCESS": "token"}
    command = [sys.executable, *STARTED[part]]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def tree(data: Path) -> dict[str, tuple[int, str]]:
    """Of everything in the folder, itself included, when it was changed and what is in it."""
    return {str(path.relative_to(data)): (path.stat().st_mtime_ns, digest(path)) for path in (data, *data.rglob("*"))}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "a folder"


@pytest.mark.parametrize("leave", [ended_as_it_should, was_killed, was_killed_at_once])
@pytest.mark.parametrize("part", STARTED)
def test_nobody_touches_what_a_newer_release_has_written(
    tmp_path: Path, part: str, leave: Callable[[Path], None]
) -> None:
    data = unpack(tmp_path).data
    leave(data)
    before = tree(data)
    refused = start(part, data)
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    (line,) = [line for line in refused.stderr.splitlines() if "bnlab.sqlite" in line]
    assert "was written by a newer bnlab (its tables are 9999, ours " in line
    assert line.endswith("install that one, or start with an empty folder; nothing was changed")
    after = tree(data)
    if leave is was_killed_at_once:  # to read the log SQLite makes its index anew, which holds nothing of its own
        del before["bnlab.sqlite-shm"], after["bnlab.sqlite-shm"]
    assert after == before
