"""Where documents differ."""

from collections.abc import Sequence
from typing import Any

from bnlab.sdk.pointers import escaped


def differing(specs: Sequence[Any], pointer: str = "") -> dict[str, list[Any]]:
    """By JSON pointer, the values that are not the same in all documents; None where a document has no such place.

    >>> differing([{"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}}])
    {'/b/c': [2, 3]}
    """
    if all(spec == specs[0] for spec in specs):
        return {}
    if not all(isinstance(spec, dict) for spec in specs):
        return {pointer: list(specs)}
    keys = dict.fromkeys(key for spec in specs for key in spec)
    found: dict[str, list[Any]] = {}
    for key in keys:
        found |= differing([spec.get(key) for spec in specs], f"{pointer}/{escaped(key)}")
    return found
