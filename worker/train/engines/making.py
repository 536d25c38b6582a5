"""A process that makes a package: the trainer's end of it, and the other one, `-m worker.train.engines.making FOLDER`.

It is a process of its own because it takes a gigabyte that a trainer would keep, and can be ended at any moment.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from worker.train.engines.packages import Package, Packages, Unavailable

MEMORY = 6 * 2**30  # bytes of data that the process, and each compiler that it starts, may hold
LOOK = 0.1  # seconds between two looks whether it is over
_LINES = 3  # of what it printed last, which say why it failed


@dataclass(frozen=True)
class Request:
    """A package that is to be made."""

    asked: str  # the digest of what follows
    run: dict[str, Any]  # the run without its data
    inputs: dict[str, Any]  # what else the package depends on: compilers, processor, threads


class Making:
    """Has a package made by a process; leaving the `with` ends that, and the compiler that it has started."""

    def __init__(self, packages: Packages, request: Request, seconds: float) -> None:
        """Raises Unavailable where no process can be started."""
        self._limit, self._began = seconds, time.monotonic()
        line = json.dumps({"most": packages.most, **vars(request)})
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the program is ours
                [sys.executable, "-m", "worker.train.engines.making", str(packages.folder)],
                stdin=subprocess.PIPE,
                stdout=self._printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._printed.close()
            raise Unavailable(f"no process could be started to compile it: {error}") from None
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()  # and it stays open: the process ends when this one is gone

    def is_over(self, timeout: float) -> bool:
        """Whether it has ended, which is waited for so many seconds. Raises Unavailable where it made nothing."""
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(timeout)
            if code != 0:
                raise Unavailable(self._why(code))
            return True
        if time.monotonic() - self._began > self._limit:
            raise Unavailable(f"it took more than {self._limit:g} s to compile")
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._printed.close()

    def _why(self, code: int) -> str:
        self._printed.seek(0)
        lines = self._printed.read().decode(errors="replace").strip().splitlines()[-_LINES:]
        ended = f"was ended by signal {-code}" if code < 0 else "failed"
        said = " ".join(line.strip() for line in lines)
        return ": ".join(filter(None, (f"compiling {ended}", said)))


def made(packages: Packages, request: Request, seconds: float, meanwhile: Callable[[], None] = lambda: None) -> Package:
    """The package that is asked for, once a process has made it; `meanwhile` is called every now and then.

    seconds: that it may take. Raises Unavailable, and what `meanwhile` raises, which ends the process too.
    """
    try:
        with Making(packages, request, seconds) as making:
            while not making.is_over(LOOK):
                meanwhile()
    finally:
        with suppress(Unavailable):
            packages.sweep()  # it may have been killed
    package = packages.find(request.asked)
    if package is None:
        raise Unavailable("its package was damaged as soon as it was made")
    return package


def main() -> None:
    """Make the package that the line on standard input asks for, unless it was made while this process waited."""
    line = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    packages, asked = Packages(Path(sys.argv[1]), line["most"]), line["asked"]
    try:
        with packages.alone(asked):
            if packages.find(asked) is None:
                with packages.working() as place:
                    _make(packages, asked, line, place)
    except (Unavailable, OSError) as error:
        sys.exit(str(error))


def _make(packages: Packages, asked: str, line: dict[str, Any], place: Path) -> None:
    # Torch reads these once, when it is imported.
    os.environ |= {"TMPDIR": str(place), "TORCHINDUCTOR_CACHE_DIR": str(place), "TORCHINDUCTOR_COMPILE_THREADS": "1"}
    from worker.train.engines.compiling import make, without_data

    packages.remember(asked, make(packages, without_data(line["run"]), line["inputs"], place))


def _end_with_parent() -> None:
    """Whoever wants the package is gone once the input ends: then so is this process, and what it has started."""
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
