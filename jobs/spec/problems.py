"""What is wrong with the fields of a document, in our words and in a bounded number of them."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bn.architecture.presets import PRESETS
from jobs import sentences
from jobs.errors import FieldError, InvalidSpec, readable
from jobs.spec.pointers import Place, ReferenceToken, as_far_as_there, pointer
from jobs.spec.unknown import items_of, noun_of, unknown_field
from jobs.spec.vocabulary import TAGS, Schema, Vocabulary, in_words, tag_of, vocabulary

Read = TypeVar("Read", bound=BaseModel)

MAX_ERRORS = 100  # in an answer
MAX_VALUES = 50_000  # in a document: each may be an error, and all are found before the first is told
MAX_MESSAGE = 400  # characters
MAX_POINTER = 1000  # characters

_BREAK = re.compile(r"[\t\n\r]")


def validated(kind: type[Read], document: Any, *, free: tuple[str, ...] = (), known: Vocabulary | None = None) -> Read:
    """The document as a value, its fields checked one by one; those that are free take any JSON. Raises InvalidSpec.

    `known` has the fields among which the nearest to an unknown one is looked for; without it the model's own.
    """
    size = sum(_size(value) for key, value in document.items() if key not in free) if isinstance(document, dict) else 0
    if size > MAX_VALUES:
        told = f"{size} values are more than the {MAX_VALUES} that a document may have"
        raise InvalidSpec((FieldError("", told),))
    try:
        return kind.model_validate_json(json.dumps(document))  # as JSON, which has lists where Python has tuples
    except ValidationError as error:
        raise InvalidSpec(faults(error, document, known or vocabulary(kind))) from None


def faults(error: ValidationError, document: Any, known: Vocabulary) -> tuple[FieldError, ...]:
    """What pydantic found wrong with a document, by the pointer to each place, in our words."""
    found = [each for each in error.errors(include_url=False) if not _is_false(each, document)]
    told = ((_place(each, document), _sentence(each, document, known)) for each in found[:MAX_ERRORS])
    return bounded(told, more=len(found) - MAX_ERRORS)


def several_lines(texts: Iterable[tuple[Place, str]]) -> Iterator[tuple[Place, str]]:
    """Those of these texts, by their places, that do not stand in one line of a table or a figure, as they must."""
    return ((place, "no tab and no line break may stand here") for place, text in texts if _BREAK.search(text))


def bounded(found: Iterable[tuple[Place, str]], *, more: int = 0) -> tuple[FieldError, ...]:
    """Of faults by their place the first hundred, and how many more there are; each is short enough to be read.

    `more`: how many there are beside those that are given, because they were not even put into words.
    """
    remaining = iter(found)
    first = tuple(_short(place, message) for place, message in islice(remaining, MAX_ERRORS))
    left = sum(1 for _ in remaining) + max(more, 0)
    return (*first, FieldError("", f"and {left} more errors")) if left else first


def _short(place: Place, message: str) -> FieldError:
    at, told = _writable(pointer(place)), _writable(readable(message))
    if len(told) > MAX_MESSAGE:
        told = f"{told[:MAX_MESSAGE]}..."
    if len(at) <= MAX_POINTER:
        return FieldError(at, told)
    return FieldError(at[: at.rfind("/", 0, MAX_POINTER)], f"below this, where keys are too long to be named: {told}")


def _writable(text: str) -> str:
    """The text with half surrogate pairs, which no answer can hold, as they would be written in Python."""
    return text.encode(errors="backslashreplace").decode()


def _size(value: Any) -> int:
    """The number of values in a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_size, inner))


def _is_false(detail: ErrorDetails, document: Any) -> bool:
    """Whether this says that a list is too short which is not: pydantic does not count the items that are wrong."""
    if detail["type"] != "too_short":
        return False
    there: Any = document
    for part in _place(detail, document):
        there = there[part]
    return bool(len(there) >= detail["ctx"]["min_length"])


def _place(detail: ErrorDetails, document: Any) -> Place:
    """Pydantic's location of an error without the tags of unions that it puts between the keys.

    A tag stands behind the place of each value that is of one of several kinds. It may be a key of that value too: the
    optimizer {"kind": "momentum", "momentum": 0.9} has its rate at (..., "momentum", "learning_rate").
    """
    parts: list[ReferenceToken] = []
    at: Any = document
    tags: tuple[ReferenceToken, ...] = ()
    for i, part in enumerate(detail["loc"], 1):
        if part in tags:
            tags = ()
        elif as_far_as_there(at, (part,)):
            at = at[part]
            parts.append(part)
            tags = _tags(part, at)
        elif detail["type"] == "missing" and i == len(detail["loc"]):
            parts.append(part)
    return tuple(parts)


_OF_KINDS: dict[str, tuple[str, ...]] = {
    "architecture": ("layers",),
    "init": (),
    "optimizer": ("sgd",),
    "schedule": ("constant",),
    "batch_norm": ("on", "own"),
    "primary": ("last",),
}
"""By key, what is of one of several kinds, and the tags where it does not name its own; the items of lists are too."""


_NO_SUCH_OBJECT = ("union_tag_invalid", "model_type", "model_attributes_type")
"""Errors of what should have been an object of one of several kinds."""


def _tags(key: ReferenceToken, value: Any) -> tuple[ReferenceToken, ...]:
    """The tags of which pydantic may put one behind a value."""
    if not isinstance(value, dict) or not (isinstance(key, int) or key in _OF_KINDS):
        return ()
    named = (value.get(name) for name in TAGS)
    return tuple(name for name in named if isinstance(name, str)) or _OF_KINDS.get(str(key), ())


def _sentence(detail: ErrorDetails, document: Any, known: Vocabulary) -> str:
    place = _place(detail, document)
    if detail["type"] == "extra_forbidden":
        return unknown_field(known, document, place)
    if detail["type"] == "unknown_architecture":
        return _no_architecture(detail["msg"], detail["input"])
    forms = known.forms_at(document, place)
    kinds = tuple(kind for form in forms for kind in tag_of(form)[1])
    also = _is_value_of(detail, known, forms)
    wanted = sentences.Wanted(noun_of(place), items_of(place), in_words(forms, detail["input"]), kinds)
    return f"{sentences.sentence(detail, wanted)}{also}"


def _is_value_of(detail: ErrorDetails, known: Vocabulary, forms: list[Schema]) -> str:
    """Of a kind that there is none of, the field that may have it as its value: relu is no layer, but an activation."""
    given = detail["ctx"]["tag"] if detail["type"] == "union_tag_invalid" else detail["input"]
    if not isinstance(given, str) or detail["type"] not in _NO_SUCH_OBJECT:
        return ""
    found = next((each for form in forms for each in known.fields_with(form, given)), None)
    return f"; '{found[1]}' is a value of '{found[0]}'" if found else ""


def _no_architecture(reason: str, given: Any) -> str:
    name = given.get("preset") if isinstance(given, dict) else given
    if not isinstance(name, str):
        return reason
    unknown, _, instead = reason.partition(": ")
    return f"{unknown} {sentences.shown(name)}{sentences.suggestion(name, PRESETS)}; {instead}"
