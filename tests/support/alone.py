"""Folders with some packages and what those require, and nothing else: among them the client without extras."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def put_client(folder: Path) -> Path:
    """Link `bnlab`, as `pip install .` brings it, and every package that it requires into a folder."""
    (folder / "bnlab").symlink_to(ROOT / "bnlab")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return put(folder, project["dependencies"])


def put(folder: Path, requirements: Iterable[str]) -> Path:
    """Link these packages, and all that they require, into a folder; they are those of this environment."""
    for name in _closure(requirements):
        found = distribution(name)
        for top in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            (folder / top).symlink_to(Path(str(found.locate_file(top))))
    return folder


def python(folder: Path, script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script to its end where Python finds its own library and the folder alone; these variables are set too."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BNLAB_")}
    own = kept | {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"} | variables
    command = [sys.executable, "-S", "-c", script, *arguments]
    return subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False)


def extras() -> dict[str, set[str]]:
    """By extra the packages that it names, in small letters."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    return {extra: {Requirement(each).name.lower() for each in required} for extra, required in declared.items()}


def _closure(requirements: Iterable[str]) -> set[str]:
    """The names of all that is required, and of what that requires in turn."""
    found: set[str] = set()
    open_ones = [Requirement(each) for each in requirements]
    while open_ones:
        each = open_ones.pop()
        name = canonicalize_name(each.name)
        if name not in found and (each.marker is None or each.marker.evaluate({"extra": ""})):
            found.add(name)
            open_ones += map(Requirement, distribution(name).requires or ())
    return found
