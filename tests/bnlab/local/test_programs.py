"""What runs as a child is ours, whatever lies in the folder where the user stands."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bnlab.local import programs
from bnlab.settings import Settings
from tests.support import namesakes
from tests.support.command_line import BNLAB, environment


def test_a_program_is_told_the_settings_that_its_starter_has_resolved(tmp_path: Path) -> None:
    told = programs.environment(Settings(data=tmp_path, port=1, slots=3))
    assert {name: value for name, value in told.items() if name.startswith("BNLAB_")} == {
        "BNLAB_DATA": str(tmp_path),
        "BNLAB_HOST": "127.0.0.1",
        "BNLAB_PORT": "1",
        "BNLAB_BROKER_URL": "memory://",
        "BNLAB_SLOTS": "3",
    }


@pytest.mark.parametrize(
    ("given", "kept"), [(":/one", "/one"), ("/one::/two:", "/one:/two"), ("", ""), ("/one", "/one")]
)
def test_the_current_folder_is_not_on_its_path_by_an_empty_entry(
    monkeypatch: pytest.MonkeyPatch, given: str, kept: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", given)
    assert programs.environment(Settings())["PYTHONPATH"] == kept


@pytest.mark.parametrize("path", ["", os.pathsep], ids=["a path as it is", "a path with an empty entry"])
@pytest.mark.parametrize("put", [namesakes.modules, namesakes.packages])
def test_a_dataset_is_fetched_where_somebody_has_packages_that_are_called_like_ours(
    tmp_path: Path, put: Callable[[Path], Path], path: str
) -> None:
    folder = put(tmp_path / "theirs")
    own = environment()
    own["PYTHONPATH"] = f"{own.get('PYTHONPATH', '')}{path}"
    command = [BNLAB, "data", "fetch", "synthetic", "--data", "data"]
    ran = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "nothing to fetch" in ran.stdout


@pytest.mark.parametrize("put", [namesakes.modules, namesakes.packages])
def test_a_script_beside_packages_that_are_called_like_ours_uses_the_client(
    url: str, tmp_path: Path, put: Callable[[Path], Path]
) -> None:
    script = put(tmp_path / "theirs") / "script.py"
    script.write_text("from bnlab import Client\nwith Client() as client:\n    print(client.submit()['status'])\n")
    python = Path(BNLAB).with_name("python")
    ran = subprocess.run([python, script], env=environment(url=url), capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("queued\n", "")
