"""JSON pointers (RFC 6901): how a place in a document is named, and what stands there."""

import re
from collections.abc import Iterable
from typing import Any

ReferenceToken = str | int  # a key of an object, or an index of a list
Place = tuple[ReferenceToken, ...]  # a place in a document

_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")
_LONE_TILDE = re.compile(r"~(?![01])")


def pointer(parts: Iterable[ReferenceToken]) -> str:
    """The pointer to the place that these keys and indices lead to, the whole document without any.

    >>> pointer(["grid", "/training/steps", 0])
    '/grid/~1training~1steps/0'
    """
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def parts_of(text: str) -> tuple[str, ...]:
    """The keys and indices of a pointer, all as text. Raises ValueError where it is none.

    >>> parts_of("/variants/a~1b")
    ('variants', 'a/b')
    """
    if text and not text.startswith("/"):
        raise ValueError("it begins with '/'")
    if _LONE_TILDE.search(text):
        raise ValueError("'~' is written '~0' in it, and '/' within a key '~1'")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


def step(container: Any, part: ReferenceToken) -> ReferenceToken:
    """The key or index by which a part of a pointer leads on from here. Raises LookupError where nothing is there.

    An index has no sign and no zero in front of it.
    """
    if isinstance(container, dict) and part in container:
        return part
    if isinstance(container, list) and _INDEX.fullmatch(str(part)) and int(part) < len(container):
        return int(part)
    raise LookupError(part)


def as_far_as_there(document: Any, parts: Iterable[ReferenceToken]) -> Place:
    """The first of these parts, as many as lead to something in the document.

    >>> as_far_as_there({"a": [5]}, ("a", 0, "b"))
    ('a', 0)
    """
    found: list[ReferenceToken] = []
    for part in parts:
        try:
            found.append(step(document, part))
        except LookupError:
            break
        document = document[found[-1]]
    return tuple(found)
