"""Reads JSON strictly: what other readers lose, change or choke on is an error with its place; it knows no fields."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jobs.errors import InvalidSpec
from jobs.spec import not_json
from jobs.spec.pointers import Place
from jobs.spec.problems import bounded

MAX_DEPTH = 200  # lists and objects in one another, as far as pydantic reads
MARK = "\ufeff"  # the byte order mark, which some editors put in front

_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class _Fault:
    """Stands in a document where a value cannot be used."""

    message: str


def read(text: bytes | str) -> Any:
    """The document, of dicts, lists, texts, numbers, booleans and None. Raises InvalidSpec with each fault's pointer.

    A fault is a key that stands twice in an object, a whole number that 64 bits do not hold, a number that no float
    holds, and a control character in a text, but for tabs and line breaks. A byte order mark in front is ignored.
    """
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        document = json.loads(
            decoded.removeprefix(MARK),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=lambda name: _Fault(f"{name} is no JSON"),
        )
    except UnicodeDecodeError as error:
        raise _unreadable(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _unreadable(not_json.told(error.doc, error)) from None
    except RecursionError:
        raise _unreadable(f"lists and objects stand in one another more than {MAX_DEPTH} deep") from None
    if faults := bounded(_faults(document, ())):
        raise InvalidSpec(faults)
    return document


def _unreadable(reason: str) -> InvalidSpec:
    return InvalidSpec(bounded([((), f"not a JSON document: {reason}")]))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = _Fault("this key stands twice in its object; leave one of them") if key in found else value
    return found


def _integer(digits: str) -> int | _Fault:
    # Python refuses to read more than 4,300 digits at once; 20 hold what 64 bits do.
    if len(digits) <= 20 and -(2**63) <= (number := int(digits)) < 2**64:
        return number
    return _Fault("whole numbers go from -2^63 to 2^64-1; write it as a text, or as a float such as 1e30")


def _float(digits: str) -> float | _Fault:
    number = float(digits)
    return number if math.isfinite(number) else _Fault("too large for a float of 64 bits")


def _faults(value: Any, path: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, dict | list):
        if len(path) == MAX_DEPTH:
            yield path, f"lists and objects stand in one another more than {MAX_DEPTH} deep"
            return
        for part, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(part, str) and (found := _NOT_TEXT.search(part)):
                yield (*path, part), f"the key holds {_named(found)}; leave it out"
            elif not isinstance(inner, int | float | None):  # of which most long lists consist
                yield from _faults(inner, (*path, part))
    elif isinstance(value, _Fault):
        yield path, value.message
    elif isinstance(value, str) and (found := _NOT_TEXT.search(value)):
        yield path, f"the text holds {_named(found)}; leave it out"


def _named(found: re.Match[str]) -> str:
    code = ord(found.group())
    kind = "half of a surrogate pair" if code >= 0xD800 else "a control character"
    return f"U+{code:04X}, {kind}"
