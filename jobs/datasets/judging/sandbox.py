"""Judges an untrusted file in a child that has that file, an empty folder and nothing else, and believes it nothing.

This process never decodes any of the file. What the child may do it gives up itself, see `child`; here it is watched.
"""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jobs
from jobs.datasets.judging.answer import Nonsense, answer_in, names_of
from jobs.datasets.judging.faults import refusal
from jobs.datasets.judging.found import Found
from jobs.datasets.judging.limits import BOUNDS, MIB, Bounds
from jobs.datasets.judging.options import Options
from jobs.datasets.judging.outputs import FULL
from jobs.errors import DataFolderUnusable, DatasetRefused, readable

logger = logging.getLogger(__name__)

ROOT = Path(*jobs.__path__).resolve().parent
"""Where this process has its own code from: the child must not have another release's."""
BEGIN = (
    "import os, sys; sys.path.insert(0, sys.argv.pop(1)); from importlib import import_module; "
    # Once its answer is written it ends at once: where Python takes pyarrow's threads down, it aborts now and then.
    "child = import_module('jobs.datasets.judging.' + sys.argv.pop(1)); os._exit(child.main())"
)
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""All that the child's environment has: a thread that is started by an import is not confined."""
PAUSE = 0.02  # seconds between two looks at the child's memory
ERRORS = "errors"  # the file that it prints to
TOLD = 2_000  # bytes of that in our log


def judge(file: Path, options: Options, folder: Path, bounds: Bounds = BOUNDS) -> Found:
    """Say what is in a file, and write it into an empty folder, under the names of `outputs`.

    Raises DatasetRefused with the faults, also where the child does not end as it should, and DataFolderUnusable for a
    full disk; nothing is in the folder then. Raises OSError where there is no such file.
    """
    private = Path(tempfile.mkdtemp(prefix="judging-", dir=folder))
    try:
        ended = run(program("child", asdict(options), asdict(bounds)), file, private, bounds)
        return _believed(ended, private, folder, bounds)
    finally:
        shutil.rmtree(private)


def program(child: str, *arguments: Any) -> tuple[str, ...]:
    """The command that runs a module of this package; its arguments are these values as JSON."""
    return (sys.executable, "-I", "-c", BEGIN, str(ROOT), child, *map(json.dumps, arguments))


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    status: int
    """Its exit code, or the number of the signal that ended it, negative."""
    printed: bytes
    """The end of what it has printed as errors."""


def run(command: Sequence[str], file: Path, private: Path, bounds: Bounds) -> Ended:
    """Run a program with the file as its standard input and the private folder as its current one.

    Raises DatasetRefused where it takes more than its bounds. All that it has started ends with it.
    """
    with file.open("rb") as content, (private / ERRORS).open("x+b") as errors:
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            command,
            stdin=content,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=private,
            env=ENVIRONMENT,
            start_new_session=True,
        )
        try:
            status = _watched(process, bounds)
        finally:
            _end(process)
        # Of our own descriptor: under that name the program may have put something else.
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - TOLD))
        return Ended(status, errors.read(TOLD))


def _watched(process: subprocess.Popen[bytes], bounds: Bounds) -> int:
    deadline = time.monotonic() + bounds.seconds
    while True:
        try:
            return process.wait(PAUSE)
        except subprocess.TimeoutExpired:
            if num_anonymous(process.pid) > bounds.anonymous:
                raise refusal(
                    None, f"judging the file takes more than {bounds.anonymous // MIB:,} MiB of memory"
                ) from None
            if time.monotonic() > deadline:
                raise refusal(None, f"judging the file takes longer than {bounds.seconds:g} seconds") from None


def num_anonymous(pid: int) -> int:
    """The bytes of a process's memory that belong to no file; 0 once it has ended, and where there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    kilobytes = [line.split()[1] for line in status.splitlines() if line.startswith("RssAnon:")]
    return 1024 * int(kilobytes[0]) if kilobytes else 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """Whatever of the child's session still runs."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _believed(ended: Ended, private: Path, folder: Path, bounds: Bounds) -> Found:
    """What the child says, once its files are where they belong."""
    check_end(ended, folder, bounds)
    try:
        answer = answer_in(private)
    except Nonsense as error:
        raise failed(ended, str(error)) from None
    if not answer.landlock:
        logger.warning("this kernel has no Landlock: who judges datasets is confined by its limits alone")
    if answer.found is None:
        raise DatasetRefused(answer.faults)
    for name in names_of(answer.found):
        (private / name).rename(folder / name)
    return answer.found


def check_end(ended: Ended, folder: Path, bounds: Bounds) -> None:
    """Raise what a child's end means, DatasetRefused or DataFolderUnusable, unless it ended as it should."""
    if ended.status == FULL:
        raise DataFolderUnusable(f"cannot write into '{folder}': the disk is full; make room on it")
    if ended.status == -signal.SIGXCPU:
        raise refusal(None, f"judging the file takes more than {bounds.processor} seconds of computing")
    if ended.status:
        raise failed(ended, f"it ended with status {ended.status}")


def failed(ended: Ended, how: str) -> DatasetRefused:
    """The refusal of a file at which the child failed; what it printed is for our log alone."""
    printed = readable(ended.printed.decode(errors="replace"))
    logger.error("the process that judges datasets failed: %s: %s", how, printed)
    return refusal(None, "the file is damaged, or made to do harm: the process that judges it failed at it")
