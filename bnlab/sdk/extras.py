"""What the bare install leaves out, and how to have it."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from bnlab.errors import CannotRun

EXTRA_OF = {"matplotlib": "figures", "pyarrow": "tables", "tensorboardX": "tensorboard"}
"""By package the smallest extra of `pyproject.toml` that brings it."""

ALONE = frozenset({"pandas", "polars"})
"""Packages that no extra brings, because everybody has their own release of them already."""


def missing(names: Iterable[str]) -> CannotRun:
    """What to raise where these packages are not installed; it says how to have them.

    >>> print(missing(["matplotlib"]))
    not installed: matplotlib; to have it: pip install -e '.[figures]' in the checkout
    """
    wanted = list(names)
    extras = {EXTRA_OF.get(name, "all") for name in wanted}
    if set(wanted) <= ALONE:
        return CannotRun(f"not installed: {', '.join(wanted)}; to have it: pip install {' '.join(wanted)}")
    extra, what = (extras.pop(), "it") if extras != {"all"} and len(extras) == 1 else ("all", "everything")
    return CannotRun(f"not installed: {', '.join(wanted)}; to have {what}: pip install -e '.[{extra}]' in the checkout")


def imported(module: str) -> Any:
    """A module of a package that may not be installed. Raises CannotRun."""
    try:
        return import_module(module)
    except ModuleNotFoundError:
        raise missing([module.partition(".")[0]]) from None
