"""Packages and modules of somebody's own that are called like ours, and end whatever imports them."""

from pathlib import Path

NAMES = ("api", "bn", "jobs", "worker")
THEIRS = "raise SystemExit('somebody else was imported')\n"


def modules(folder: Path) -> Path:
    """A folder with a file for each name."""
    folder.mkdir(exist_ok=True)
    for name in NAMES:
        (folder / f"{name}.py").write_text(THEIRS)
    return folder


def packages(folder: Path) -> Path:
    """A folder with a package for each name."""
    for name in NAMES:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(THEIRS)
    return folder
