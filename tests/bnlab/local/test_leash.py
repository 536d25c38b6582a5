"""A child ends with its starter, and does not begin without it."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from bnlab.local import leash
from tests.support.processes import SLEEPER, is_running, pids
from tests.support.workers import PATIENCE, until

STARTER = """
    import sys, time
    from pathlib import Path
    from bnlab.local.children import Children, Program
    with Children(Path(sys.argv[1]), {}, print) as children:
        children.start(Program("child", (sys.executable, "-c", sys.argv[2])))
        time.sleep(3600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_one_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", dedent(STARTER), str(tmp_path), SLEEPER])
    log = tmp_path / "child.log"
    until(log.exists)
    (child,) = pids(log)
    assert is_running(child)
    starter.kill()
    starter.wait(PATIENCE)
    until(lambda: not is_running(child))


def test_one_whose_starter_has_ended_already_does_not_begin(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(PATIENCE)
    made = tmp_path / "made"
    for parent, begins in ((ended.pid, False), (os.getpid(), True)):
        command = [sys.executable, "-I", "-S", leash.__file__, str(parent), "touch", str(made)]
        assert subprocess.run(command, check=False).returncode == 0
        assert made.exists() is begins
