"""Small programs for tests to start, and what they print: their process ids."""

import sys
from pathlib import Path
from textwrap import dedent

from bnlab.local.children import Children, Program
from tests.support.workers import until

SLEEPER = "import os, time; print(os.getpid(), flush=True); time.sleep(3600)"


def python(name: str, script: str, *arguments: str) -> Program:
    return Program(name, (sys.executable, "-c", dedent(script), *arguments))


def start(children: Children, part: Program) -> list[int]:
    children.start(part)
    return pids(children.log_of(part))


def pids(log: Path) -> list[int]:
    """The process ids that a child has printed, once it has."""
    return [int(word) for word in until(lambda: _words(log))]


def is_running(pid: int) -> bool:
    """Whether a process goes on; one that has ended and was not waited for does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def _words(log: Path) -> list[str]:
    """What a child has printed by now; empty while it has not finished a line."""
    text = log.read_text()
    return text.split() if text.endswith("\n") else []
