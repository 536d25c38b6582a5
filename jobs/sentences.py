"""What is said of a value that a field refuses: a sentence for each of pydantic's errors, in none of its words."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from jobs.synonyms import VALUES, called_here, plain

MAX_QUOTED = 60  # characters of a client's text in a message
ALIKE = 0.6  # from which ratio of difflib on one name may be a misspelling of another

_LITERAL = re.compile(r"'[^']*'|[^\s,']+")
_IN_JSON = {"True": "true", "False": "false", "None": "null"}


@dataclass(frozen=True)
class Wanted:
    """What is wanted where a value was refused, as far as it is known."""

    noun: str = "value"
    """What stands there: 'optimizer', 'layer'."""
    items: tuple[str, str] = ("item", "items")
    """What it consists of where it is a list or an object of many: one of them, and several."""
    expected: str = ""
    """What may stand there, in words; empty: what the error says."""
    kinds: tuple[str, ...] = ()
    """The kinds of it that there are."""


ANYTHING = Wanted()


def sentence(detail: ErrorDetails, wanted: Wanted = ANYTHING) -> str:
    """What was expected and what is there. `detail` has its input and its context."""
    kind, told, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind in EXPECTED:
        return f"must be {wanted.expected or EXPECTED[kind]}, not {shown(value)}"
    if kind in BOUNDS:
        return _beyond(kind, told, value)
    if kind in OURS:
        return detail["msg"].removeprefix("Value error, ")
    # A release of pydantic may have errors that this table lacks: they are told too, if in fewer words.
    return SENTENCES[kind](told, value, wanted) if kind in SENTENCES else f"{shown(value)} cannot stand here"


def shown(value: Any) -> str:
    """A value of JSON as it is named in a sentence.

    >>> shown("fast"), shown(True), shown(None), shown([1, 2]), shown({})
    ("'fast'", 'true', 'null', 'a list', 'an object')
    """
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= MAX_QUOTED else f"'{value[:MAX_QUOTED]}...'"
    if isinstance(value, bool | int | float | None):
        return json.dumps(float(value) if type(value) is int and abs(value) >= 2**64 else value)
    return "an object" if isinstance(value, dict) else "a list"


def nearest(name: str, known: Iterable[str], alike: float = ALIKE) -> str | None:
    """The known name of which another one may be a misspelling, in capitals or not.

    >>> nearest("adamm", ["sgd", "adam", "adamw"]), nearest("lion", ["sgd", "adam"])
    ('adam', None)
    """
    by_lower = {each.lower(): each for each in known}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=alike) if len(name) <= MAX_QUOTED else []
    return by_lower[found[0]] if found else None


def suggestion(given: Any, known: Iterable[str]) -> str:
    """What to add on the known value that was meant: what others call so goes before what is spelt alike.

    >>> suggestion("gpu", ["cpu", "cuda"]), suggestion("cup", ["cpu", "cuda"]), suggestion(5, ["cpu"])
    ("; it is called 'cuda'", "; the nearest is 'cpu'", '')
    """
    if not isinstance(given, str) or len(given) > MAX_QUOTED:
        return ""
    names = list(known)
    if called := called_here(given, names):
        return f"; it is called '{called}'"
    near = None if plain(given) in VALUES else nearest(given, names)
    return f"; the nearest is '{near}'" if near else ""


def either(words: Sequence[str], last: str = "or") -> str:
    """Several words as one reads them.

    >>> either(["a", "b", "c"]), either(["a"]), either(["a", "b"], "and")
    ('a, b or c', 'a', 'a and b')
    """
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def listed(names: Sequence[str], most: int = 3) -> str:
    """The first of some names, and how many more there are.

    >>> listed(["a", "b"]), listed(["a", "b", "c", "d", "e"])
    ('a, b', 'a, b, c and 2 more')
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


EXPECTED: dict[str, str] = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "a text",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "list_type": "a list",
    "tuple_type": "a list",
}
"""By pydantic's name of an error what should have stood there."""

BOUNDS: dict[str, tuple[str, str]] = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "of at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "of at most"),
}
"""By pydantic's name of an error the bound's name in it, and in words."""

OURS = frozenset({"value_error", "unknown_architecture"})
"""Errors that our own checks raise, with sentences of their own."""


def _beyond(kind: str, told: dict[str, Any], value: Any) -> str:
    name, words = BOUNDS[kind]
    bound = told[name]
    whole = type(bound) is int  # pydantic gives the bound of a float as a float
    if whole and kind == "greater_than":
        words, bound = "of at least", bound + 1
    there = shown(value).strip("'")  # a number, which stands as a text in a query and in the environment
    return f"must be a {'whole ' * whole}number {words} {bound if whole else f'{bound:g}'}, not {there}"


def _none_of_them(told: dict[str, Any], value: Any, _wanted: Wanted) -> str:
    words = [_IN_JSON.get(word, word) for word in _LITERAL.findall(told["expected"]) if word != "or"]
    meant = suggestion(value, [word.strip("'") for word in words if word.startswith("'")])
    return f"must be {either(words)}, not {shown(value)}{meant}"


def _unknown_kind(told: dict[str, Any], value: Any, wanted: Wanted) -> str:
    tag = told["discriminator"].strip("'")
    given = value[tag] if isinstance(value, dict) else told["tag"]
    kinds = [word.strip("'") for word in _LITERAL.findall(told["expected_tags"])]
    return unknown_name(given, wanted.noun, kinds)


def unknown_name(given: Any, noun: str, known: Iterable[str]) -> str:
    """What to say of a name that there is none of, with the nearest one and all there are.

    >>> unknown_name("adamm", "optimizer", ["sgd", "adam"])
    "'adamm' is no optimizer; the nearest is 'adam' (there is: adam, sgd)"
    """
    names = sorted(known)
    return f"{shown(given)} is no {noun}{suggestion(given, names)} (there is: {', '.join(names)})"


def _no_kind(told: dict[str, Any], _value: Any, wanted: Wanted) -> str:
    tag = told["discriminator"].strip("'")
    if not wanted.kinds:
        return f"needs a '{tag}'"
    return f'needs a \'{tag}\', such as {{"{tag}": "{wanted.kinds[0]}"}} (there is: {", ".join(sorted(wanted.kinds))})'


def _number_of(limit: int, wanted: Wanted) -> str:
    return f"{limit} {wanted.items[limit != 1]}"


SENTENCES: dict[str, Callable[[dict[str, Any], Any, Wanted], str]] = {
    "missing": lambda _told, _value, wanted: f"must be given{f': {wanted.expected}' if wanted.expected else ''}",
    "extra_forbidden": lambda _told, _value, _wanted: "unknown field",
    "literal_error": _none_of_them,
    "enum": _none_of_them,
    "union_tag_invalid": _unknown_kind,
    "union_tag_not_found": _no_kind,
    "too_short": lambda told, _value, wanted: f"needs at least {_number_of(told['min_length'], wanted)}",
    "too_long": lambda told, value, wanted: f"takes at most {_number_of(told['max_length'], wanted)}, not {len(value)}",
    "string_too_short": lambda told, value, _: f"needs at least {told['min_length']} character, not {len(value)}",
    "string_pattern_mismatch": lambda told, value, _: f"{shown(value)} is not of the form {told['pattern']}",
    "string_too_long": lambda told, value, _: f"takes at most {told['max_length']} characters, not {len(value)}",
}
"""By pydantic's name of any other error how its sentence is made, of its context, its input and what is wanted."""
