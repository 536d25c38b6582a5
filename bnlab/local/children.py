"""Child processes of one terminal: started, watched and ended together, whatever becomes of their starter."""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from bnlab.errors import CannotRun
from bnlab.local import leash

LOOK = 0.1  # seconds between two looks at the children
GRACE = 10.0  # seconds that a child gets to end by itself
REVIVE_AFTER = 1.0  # seconds, at the least, between two starts of the same child
SHOWN_LINES = 15  # of the log of a child that died

INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Program:
    """A program to run as a child."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started: float


class Children:
    """The children; leaving the `with` ends them, the last one started first.

    Each has a session of its own, so that the terminal's Ctrl-C reaches only their starter, and its output in a file
    that only its owner may read: `folder/NAME.log`.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        self.folder, self._say = folder, say
        self._environment = {**os.environ, **environment, "PYTHONUNBUFFERED": "1"}
        self._children: dict[str, _Child] = {}

    def start(self, program: Program) -> None:
        """Start a program. Only the main thread may: the leash is tied to the thread that starts."""
        leashed = [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *program.command]
        with open(self.log_of(program), "ab", opener=_private) as log:
            process = subprocess.Popen(  # noqa: S603 - a Program names one of ours
                leashed,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,  # not where the user stands, who may have another `api` or `worker` there
                env=self._environment,
                start_new_session=True,
            )
        self._children[program.name] = _Child(program, process, time.monotonic())

    def check(self) -> None:
        """Start again what has ended, and say so."""
        for child in tuple(self._children.values()):
            code = child.process.poll()
            if code is not None and time.monotonic() - child.started >= REVIVE_AFTER:
                self._say(f"{self._obituary(child.program, code)}\nstarting it again")
                self.start(child.program)

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Whether the condition came true in time. Raises CannotRun where a child ends meanwhile, whichever it is."""
        deadline = time.monotonic() + seconds
        while not condition():
            for child in self._children.values():
                if (code := child.process.poll()) is not None:
                    raise CannotRun(self._obituary(child.program, code))
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK)
        return True

    def run(self, program: Program) -> int:
        """Run a program to its end and return its exit code."""
        self.start(program)
        code = self._children[program.name].process.wait()
        del self._children[program.name]
        return code

    def log_of(self, program: Program) -> Path:
        """The file that has the program's output."""
        return self.folder / f"{program.name}.log"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with _counted_interruptions() as asked_again:
            while self._children:
                _, child = self._children.popitem()
                _end(child.process, asked_again)

    def _obituary(self, program: Program, code: int) -> str:
        log = self.log_of(program)
        return f"the {program.name} {_ended(code)}; the last lines of {log}:\n{last_lines(log)}"


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM and a closed terminal act as Ctrl-C does: as a KeyboardInterrupt. What is ignored stays ignored."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handled_by(interrupt):
        yield


def last_lines(path: Path, number: int = SHOWN_LINES) -> str:
    """The end of a text file."""
    with path.open(errors="replace") as lines:
        return "".join(deque(lines, number)).rstrip()


@contextmanager
def _counted_interruptions() -> Iterator[Callable[[], bool]]:
    """Interruptions do nothing but make the given function true."""
    seen: list[int] = []
    with _handled_by(lambda number, _frame: seen.append(number)):
        yield lambda: bool(seen)


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in INTERRUPTIONS}
    changed = {number: earlier for number, earlier in before.items() if earlier is not signal.SIG_IGN}
    for number in changed:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, earlier in changed.items():
            signal.signal(number, earlier)


def _end(process: subprocess.Popen[bytes], at_once: Callable[[], bool]) -> None:
    """Ask a process to end, and kill its group after its grace or as soon as `at_once` is true."""
    process.terminate()
    deadline = time.monotonic() + GRACE
    while process.poll() is None and time.monotonic() < deadline and not at_once():
        time.sleep(LOOK / 4)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
