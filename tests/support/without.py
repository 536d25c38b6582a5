"""A process in which nothing can be imported of what the project has installed, but for what is named.

`python -m tests.support.without NAMES MODULE ARGUMENT...` runs a module so; NAMES: of packages, separated by commas.
"""

import re
import runpy
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
PLAIN = frozenset({"numpy", "pydantic", "pydantic-core", "annotated-types", "typing-extensions", "typing-inspection"})
"""What the training needs beside torch."""
OF_TORCH = frozenset({"filelock", "fsspec", "jinja2", "markupsafe", "mpmath", "networkx", "setuptools", "sympy"})
OF_PYTEST = frozenset({"pytest", "iniconfig", "packaging", "pluggy", "pygments"})


class Finding:
    """Finds what another finder does, but for modules of these names: they are missing, as Python has it."""

    def __init__(self, finder: Any, names: frozenset[str]) -> None:
        self._finder, self._names = finder, names

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As importlib has it."""
        found = None if name.partition(".")[0] in self._names else self._finder.find_spec(name, path, target)
        assert found is None or isinstance(found, ModuleSpec)
        return found


def requirements(file: Path) -> frozenset[str]:
    """The packages that a file of requirements names."""
    return frozenset(re.findall(r"^([\w.-]+)==", file.read_text(), re.MULTILINE))


def missing(named: Iterable[str]) -> frozenset[str]:
    """What cannot be imported: all of `locks/dev.txt` but torch's own, pytest's, and what is named."""
    gone = requirements(ROOT / "locks" / "dev.txt") - PLAIN - OF_TORCH - OF_PYTEST - frozenset(named)
    found = packages_distributions().items()
    return frozenset(top for top, packages in found if any(package.lower() in gone for package in packages))


def main() -> None:
    """Run the module."""
    gone = missing(sys.argv[1].split(","))
    sys.meta_path[:] = [Finding(finder, gone) for finder in sys.meta_path]
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
