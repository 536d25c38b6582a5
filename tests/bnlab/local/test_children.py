"""Real child processes, small ones: started, watched and started again."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bnlab.errors import CannotRun
from bnlab.local.children import SHOWN_LINES, Children
from tests.support.processes import SLEEPER, is_running, pids, python, start
from tests.support.workers import PATIENCE, until


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def children(tmp_path: Path, said: list[str]) -> Iterator[Children]:
    with Children(tmp_path, {"GREETING": "hello"}, said.append) as children:
        yield children


def revived(children: Children, said: list[str]) -> list[str]:
    """What has been said of children by the end of one more look at them."""
    children.check()
    return said


def test_one_has_its_own_session_a_private_log_and_the_environment_it_was_given(children: Children) -> None:
    script = """
        import os, sys
        print(os.getsid(0) == os.getpid(), os.getcwd(), os.environ["GREETING"], sys.stdin.read() == "")
        print("and errors", file=sys.stderr)
    """
    part = python("child", script)
    before = os.umask(0)
    try:
        assert children.run(part) == 0
    finally:
        os.umask(before)
    log = children.log_of(part)
    assert log.read_text() == f"True {children.folder} hello True\nand errors\n"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_one_that_has_ended_is_started_again_and_that_is_said_each_time(
    children: Children, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bnlab.local.children.REVIVE_AFTER", 0.0)
    part = python("child", "print('out of luck'); raise SystemExit(3)")
    children.start(part)
    until(lambda: len(revived(children, said)) == 1)
    log = children.log_of(part)
    reason = f"the child ended with exit code 3; the last lines of {log}:\nout of luck"
    assert said == [f"{reason}\nstarting it again"]
    until(lambda: len(revived(children, said)) == 2)
    assert said[1] == f"{reason}\nout of luck\nstarting it again"


def test_one_that_was_killed_runs_again_as_another_process(
    children: Children, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bnlab.local.children.REVIVE_AFTER", 0.0)
    part = python("child", SLEEPER)
    (first,) = start(children, part)
    assert revived(children, said) == []
    os.kill(first, signal.SIGKILL)
    (reason,) = until(lambda: revived(children, said))
    assert reason.startswith("the child was ended by SIGKILL; ")
    _, second = until(lambda: len(found := pids(children.log_of(part))) == 2 and found)
    assert second != first
    assert is_running(second)
    assert len(revived(children, said)) == 1


def test_one_that_ends_at_once_is_not_started_without_a_pause(
    children: Children, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bnlab.local.children.REVIVE_AFTER", PATIENCE * 60)
    (pid,) = start(children, python("child", "import os; print(os.getpid())"))
    until(lambda: not is_running(pid))
    children.check()
    assert said == []


def test_waiting_ends_when_the_condition_holds_or_the_time_is_over(children: Children) -> None:
    start(children, python("child", SLEEPER))
    answers = iter([False, False, True])
    assert children.wait_until(lambda: next(answers), PATIENCE) is True
    assert children.wait_until(lambda: False, 0) is False


def test_waiting_ends_with_the_last_lines_of_the_first_child_that_ends(children: Children) -> None:
    start(children, python("healthy", SLEEPER))
    ill = python("ill", "for i in range(40): print('line', i)\nraise SystemExit('no room')")
    children.start(ill)
    with pytest.raises(CannotRun) as ended:
        children.wait_until(lambda: False, PATIENCE)
    first, *lines = str(ended.value).splitlines()
    assert first == f"the ill ended with exit code 1; the last lines of {children.log_of(ill)}:"
    assert lines == [*(f"line {i}" for i in range(40 - SHOWN_LINES + 1, 40)), "no room"]


def test_a_program_that_runs_to_its_end_gives_its_exit_code_and_is_no_longer_watched(
    children: Children, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bnlab.local.children.REVIVE_AFTER", 0.0)
    assert children.run(python("first", "raise SystemExit(7)")) == 7
    assert children.run(python("second", "print('done')")) == 0
    children.check()
    assert children.wait_until(lambda: True, PATIENCE)
    assert said == []
