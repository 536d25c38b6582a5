"""`make test` shows what its tests have covered, and ends as they did."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.requirements import require_any

ROOT = Path(__file__).parent.parent
SIGN = """
def of(number):
    if number < 0:
        return -1
    return 1
"""
IN_A_CHILD = """
import subprocess, sys

def test_the_sign_of_a_number():
    script = "import os, bn.sign; os._exit(bn.sign.of({number}))"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 1
"""


def make_test(folder: Path, number: int) -> subprocess.CompletedProcess[str]:
    """What `make test` makes of a checkout with one module, which one test runs in a process of its own."""
    make = require_any("make")
    for package in ("api", "bn", "bnlab", "jobs", "worker"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    (folder / "bn" / "sign.py").write_text(SIGN)
    (folder / "test_sign.py").write_text(IN_A_CHILD.format(number=number))
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "MAKE", "PYTEST_"))}
    ours["PYTHONPATH"] = f"{folder}{os.pathsep}{ROOT}"
    ours |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin"}  # the others take seconds
    command = [make, "test", "COVERED=yes", "TESTS=test_sign.py", f"BIN={Path(sys.executable).parent}"]
    command += ["--old-file=check", "--old-file=.venv/dev.installed"]
    return subprocess.run(command, cwd=folder, env=ours, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("number", "status", "outcome"), [(1, 0, "1 passed"), (-1, 2, "1 failed")])
def test_it_shows_what_ran_in_every_process_and_fails_where_a_test_fails(
    tmp_path: Path, number: int, status: int, outcome: str
) -> None:
    ran = make_test(tmp_path, number)
    assert outcome in ran.stdout, ran.stdout + ran.stderr
    assert "coverage: 75.0 % of 4 statements, 1 of 6 modules below 90 %\n  75 % of    4: bn/sign.py\n" in ran.stdout
    assert ran.returncode == status
