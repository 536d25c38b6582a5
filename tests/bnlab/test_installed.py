"""An installed bnlab beside everything that may stand in its way: its own clone, and packages that are called alike."""

import shutil
import subprocess
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import namesakes
from tests.support.command_line import environment

ROOT = Path(__file__).parents[2]
PARTS = ("api", "bn", "bnlab", "jobs", "worker", "pyproject.toml", "README.md")
SCRIPT = "from bnlab import Client, __file__\nprint(Client('http://127.0.0.1:1').url, __file__)\n"


@dataclass(frozen=True)
class Installed:
    """A home with a clone called bnlab, packages that are called as ours are, and an environment with bnlab in it."""

    home: Path
    python: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A program of the environment, from the home."""
        command = [str(self.python.with_name(program)), *arguments]
        own = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
        return subprocess.run(command, cwd=self.home, env=own, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module", params=["-e", "--no-cache-dir"], ids=["editable", "plain"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    home, packages = namesakes.packages(folder / "home"), sysconfig.get_path("purelib")
    for part in PARTS:
        source, copied = ROOT / part, home / "bnlab" / part
        copied.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copied, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copied)
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv" / "bin" / "python"
    offline = ("--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    subprocess.run(
        [python, "-m", "pip", "install", *offline, request.param, home / "bnlab"],
        env=environment() | {"PYTHONPATH": packages},  # which has pip, and what builds
        check=True,
    )
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    (site / "what_bnlab_requires.pth").write_text(packages)
    return Installed(home, python)


def test_a_script_beside_the_clone_finds_the_client(installed: Installed) -> None:
    (installed.home / "try.py").write_text(SCRIPT)
    ran = installed.run("python", "try.py")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("http://127.0.0.1:1 ")
    assert ran.stdout.endswith("/bnlab/__init__.py\n")


def test_what_the_command_line_starts_is_ours_and_not_what_stands_beside_it(installed: Installed) -> None:
    ran = installed.run("bnlab", "data", "fetch", "synthetic", "--data", "kept")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "nothing to fetch" in ran.stdout
    assert installed.run("bnlab", "--version").stdout == "bnlab 0.1.0\n"
