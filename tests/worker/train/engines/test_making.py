"""The process that makes a package: two that want one, and compilers that fail, hang, or are killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.requirements import require_any
from tests.support.small_runs import small_run
from tests.support.workers import until
from worker.train.engines.asking import request_for
from worker.train.engines.making import Making
from worker.train.engines.packages import Packages, Unavailable
from worker.train.state import Run

TINY = {"layers": [{"kind": "flatten"}, {"kind": "linear", "features": 10}]}


pytestmark = pytest.mark.usefixtures("compiler")


@pytest.fixture
def compiler() -> None:
    require_any("g++")


@pytest.fixture
def own(tmp_path: Path) -> Packages:
    return Packages(tmp_path / "packages", 2**30)


@pytest.fixture
def run() -> Run:
    return small_run(architecture=TINY, training={"steps": 3})


def compiler_that(place: Path, does: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a compiler that does so at its work, and else is the real one, in the real one's place."""
    script = place / "compiler"
    script.write_text(f'#!/bin/sh\ncase "$*" in *--version*|*--help*) exec g++ "$@";; esac\n{does}\n')
    script.chmod(0o755)
    monkeypatch.setenv("CXX", str(script))


def wait(making: Making) -> None:
    while not making.is_over(0.1):
        pass


def test_two_that_want_one_package_have_it_made_once(
    run: Run, own: Packages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler_that(tmp_path, f'echo $PPID >> {tmp_path}/callers; exec g++ "$@"', monkeypatch)
    request = request_for(run)
    with Making(own, request, 300.0) as first, Making(own, request, 300.0) as second:
        wait(first)
        wait(second)
    assert own.find(request.asked) is not None
    assert len(set((tmp_path / "callers").read_text().split())) == 1


def test_where_no_process_can_be_started_there_is_no_package(
    run: Run, own: Packages, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = request_for(run)
    monkeypatch.setattr(sys, "executable", "/no/such/program")
    with pytest.raises(Unavailable, match="no process could be started"):
        Making(own, request, 300.0)


def test_a_compiler_that_fails_is_told_of(
    run: Run, own: Packages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler_that(tmp_path, "echo the compiler is not well >&2; exit 1", monkeypatch)
    with Making(own, request_for(run), 300.0) as making, pytest.raises(Unavailable, match="not well"):
        wait(making)
    own.sweep()
    assert {path.name for path in own.folder.iterdir()} <= {"locks"}


def test_one_that_hangs_is_ended_and_leaves_nothing_behind(
    run: Run, own: Packages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler_that(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 600", monkeypatch)
    with Making(own, request_for(run), 600.0) as making:
        hanging = int(until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
        making._limit = 0.0
        with pytest.raises(Unavailable, match="took more than 0 s to compile"):
            wait(making)
    until(lambda: not psutil.pid_exists(hanging))
    own.sweep()
    assert not list(own.folder.glob("making-*"))


def test_when_whoever_wants_it_is_killed_the_compiler_ends_too(
    own: Packages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler_that(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 600", monkeypatch)
    program = f"""
from pathlib import Path
from tests.support.requirements import require_any
from tests.support.small_runs import small_run
from worker.train.engines.asking import request_for
from worker.train.engines.making import Making
from worker.train.engines.packages import Packages
with Making(Packages(Path({str(own.folder)!r}), 2**30), request_for(small_run(architecture={TINY!r})), 600.0) as making:
    while not making.is_over(1.0):
        pass
"""
    wanting = subprocess.Popen([sys.executable, "-c", program])
    hanging = int(until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    os.kill(wanting.pid, signal.SIGKILL)
    wanting.wait()
    until(lambda: not psutil.pid_exists(hanging))
    own.sweep()
    assert not list(own.folder.glob("making-*"))
