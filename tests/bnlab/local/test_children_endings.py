"""Real child processes, small ones: ended with their starter, whatever becomes of it and whatever they do."""

import signal
from pathlib import Path

import pytest

from bnlab.local.children import Children, interruptible
from tests.support.processes import SLEEPER, is_running, python, start
from tests.support.workers import until

NEVER = 3600.0  # seconds; nothing in these tests lasts as long

STUBBORN = """
    import os, signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    own = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print(os.getpid(), own.pid, flush=True)
    time.sleep(60)
    print("nobody killed it")
"""


def is_interruption(number: signal.Signals) -> bool:
    """Whether a signal that comes now is an interruption."""
    try:
        with interruptible():
            signal.raise_signal(number)
    except KeyboardInterrupt:
        return True
    return False


def test_they_are_ended_the_last_one_first(tmp_path: Path) -> None:
    script = """
        import signal, sys
        def end(*_):
            with open("ended", "a") as file:
                print(sys.argv[1], file=file)
            sys.exit()
        signal.signal(signal.SIGTERM, end)
        print("1", flush=True)
        while True:
            signal.pause()
    """
    names = ["one", "two", "three"]
    with Children(tmp_path, {}, print) as children:
        for name in names:
            start(children, python(name, script, name))
    assert (tmp_path / "ended").read_text().split() == names[::-1]


def test_they_are_ended_whatever_went_wrong(tmp_path: Path) -> None:
    found: list[int] = []

    def fail() -> None:
        with Children(tmp_path, {}, print) as children:
            found.extend(start(children, python("child", SLEEPER)))
            raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        fail()
    assert not is_running(found[0])


def test_one_that_does_not_end_when_asked_is_killed_with_its_own_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bnlab.local.children.GRACE", 0.2)
    with Children(tmp_path, {}, print) as children:
        found = start(children, python("stubborn", STUBBORN))
        assert [is_running(pid) for pid in found] == [True, True]
    until(lambda: not any(map(is_running, found)))


def test_an_interruption_while_they_end_kills_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bnlab.local.children.GRACE", NEVER)
    interrupting = """
        import os, signal, sys
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(os.kill(os.getppid(), signal.SIGTERM)))
        print(os.getpid(), flush=True)
        while True:
            signal.pause()
    """
    before = signal.getsignal(signal.SIGTERM)
    with Children(tmp_path, {}, print) as children:
        found = start(children, python("stubborn", STUBBORN)) + start(children, python("interrupting", interrupting))
    assert "nobody killed it" not in (tmp_path / "stubborn.log").read_text()
    until(lambda: not any(map(is_running, found)))
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_should_end_a_program_is_an_interruption_unless_it_is_ignored(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_DFL)
    try:
        assert is_interruption(number)
        assert signal.getsignal(number) == signal.SIG_DFL
        signal.signal(number, signal.SIG_IGN)
        assert not is_interruption(number)
        assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)
