"""The programs that are run as children, and what they are told: the server's code is run, and never imported.

Python finds them where it finds this package, not in the folder where the user stands, who may have a `jobs` or an
`api` of their own there.
"""

import os
import subprocess
import sys
from pathlib import Path

from bnlab.local.children import Program
from bnlab.settings import PREFIX, Settings


def environment(settings: Settings) -> dict[str, str]:
    """What the programs' environment has beside this process's, or in place of it."""
    names = ("data", "host", "port", "broker_url", "slots")
    told = {f"{PREFIX}{name.upper()}": str(getattr(settings, name)) for name in names}
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    # An empty entry is the current folder too, as in PYTHONPATH=$PYTHONPATH:/more where there was none.
    return told | {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def run(program: Program, settings: Settings, *, capture_output: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, in this terminal unless its output is captured."""
    own = {**os.environ, **environment(settings)}
    return subprocess.run(  # noqa: S603 - a Program names one of ours
        program.command, env=own, capture_output=capture_output, text=True, check=False
    )


def schema_version() -> Program:
    """Ends with a line where a newer release has written the data folder."""
    return Program("schema version", (sys.executable, "-m", "jobs.storage.schema_version"))


def fetch(dataset: str) -> Program:
    """Puts a dataset into the data folder."""
    return Program("fetch", (sys.executable, "-m", "jobs.datasets", "fetch", dataset))


def check(file: Path, *, test: float | None, size: int | None, seed: int, as_json: bool) -> Program:
    """Says what is in a dataset's file, or everything that is wrong with it."""
    given = {"test": test, "size": size, "seed": seed}
    options = [part for name, value in given.items() if value is not None for part in (f"--{name}", str(value))]
    json = ("--json",) if as_json else ()
    # Behind its options: a file may be called as one of them.
    return Program("check", (sys.executable, "-m", "jobs.datasets", "check", *options, *json, "--", str(file)))


def backup(target: Path) -> Program:
    """Copies the data folder, whatever goes on in it."""
    return Program("backup", (sys.executable, "-m", "jobs.storage.backup", str(target)))


def broker(program: str, folder: Path) -> Program:
    """A Valkey or Redis, by its path, whose socket is `broker.sock` in the folder."""
    options = ("--port", "0", "--unixsocket", str(folder / "broker.sock"), "--unixsocketperm", "700")
    # It keeps nothing: a wake-up that is lost costs a second.
    return Program("broker", (program, *options, "--save", "", "--appendonly", "no", "--dir", str(folder)))


def worker() -> Program:
    """Celery, which runs the worker."""
    options = ("--pool", "threads", "--loglevel", "INFO")
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return Program("worker", (sys.executable, "-m", "celery", "-A", "worker.app", "worker", *options, *alone))


def api(settings: Settings) -> Program:
    """Uvicorn, which serves the API."""
    where = ("--host", settings.host, "--port", str(settings.port))
    options = ("--no-access-log", "--timeout-graceful-shutdown", "3")
    return Program("api", (sys.executable, "-m", "uvicorn", "api.main:app", *where, *options))
