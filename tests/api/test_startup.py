"""The process: what it imports, how it starts, and what it says when it cannot."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python to its end, without this process' own settings of bnlab."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BNLAB_")}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=inherited | environment, timeout=120, check=False
    )


def test_the_api_never_loads_torch_nor_what_only_clients_and_workers_need() -> None:
    heavy = "{'torch', 'pandas', 'matplotlib'}"
    ran = run("-c", f"import api.main, sys; print(sorted({heavy} & set(sys.modules)))")
    assert ran.stdout == "[]\n", ran.stderr


def test_importing_the_application_opens_nothing(tmp_path: Path) -> None:
    ran = run("-W", "error", "-c", "import api.main", BNLAB_DATA=str(tmp_path / "data"))
    assert ran.returncode == 0, ran.stderr
    assert list(tmp_path.iterdir()) == []


def spoil_with_a_file(data: Path) -> str:
    data.write_text("not a folder")
    return "File exists"


def spoil_the_parent(data: Path) -> str:
    data.parent.rmdir()
    data.parent.write_text("not a folder")
    return "Not a directory"


def spoil_the_database(data: Path) -> str:
    data.mkdir()
    (data / "bnlab.sqlite").write_bytes(b"not a database" * 1000)
    return "file is not a database"


@pytest.mark.parametrize("spoil", [spoil_with_a_file, spoil_the_parent, spoil_the_database])
def test_a_data_folder_that_cannot_be_used_is_one_clear_line(tmp_path: Path, spoil: object) -> None:
    data = tmp_path / "lab" / "data"
    data.parent.mkdir()
    assert callable(spoil)
    reason = spoil(data)
    ran = run("-m", "uvicorn", "api.main:app", "--port", "0", BNLAB_DATA=str(data))
    assert ran.returncode != 0
    assert "Traceback" not in ran.stderr
    (line,) = [line for line in ran.stderr.splitlines() if "data folder" in line]
    assert f"'{data}': {reason}" in line
    assert "BNLAB_DATA" in line


def test_a_port_in_use_is_told_and_leaves_no_lock(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = run("-m", "uvicorn", "api.main:app", "--port", port, BNLAB_DATA=str(tmp_path / "data"))
    assert ran.returncode != 0
    assert "address already in use" in ran.stderr


def test_a_server_beyond_loopback_makes_its_token_and_prints_it(tmp_path: Path) -> None:
    environment = {**os.environ, "BNLAB_DATA": str(tmp_path / "data"), "BNLAB_HOST": "0.0.0.0"}
    command = [sys.executable, "-m", "uvicorn", "api.main:app", "--host", "0.0.0.0", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as server:
        try:
            assert server.stdout is not None
            printed = next(line for line in server.stdout if "curl" in line)
        finally:
            server.terminate()
    assert f"Bearer {(tmp_path / 'data' / 'token').read_text()}" in printed
