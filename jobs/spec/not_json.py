"""What is wrong with a text that is no JSON, in words: what people write by habit, and what was cut off."""

import json
import re
from collections.abc import Callable

from jobs.spec.bare_values import number, word
from jobs.spec.json_fault import CLOSES, Fault, place, unclosed

_SEPARATORS = {",": "this comma is one too many", ";": "JSON separates by a comma, not by ';'"}
_DIGIT_AND_COMMA = re.compile(r"\d,$")
_DIGITS = re.compile(r"\d+(?!\d|\s*:)")
_YAML = re.compile(r"(---|- |[A-Za-z_][\w-]*\s*:(\s|$))")
_FORM = re.compile(r"[\w.-]+=[^\n]*$")
_CURLY = "`\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"  # and what else stands for a quote in a word processor


def told(text: str, error: json.JSONDecodeError) -> str:
    """What is wrong with the text, its line and its column in front.

    >>> def of(text):
    ...     try:
    ...         json.loads(text)
    ...     except json.JSONDecodeError as error:
    ...         return told(text, error)
    >>> of("{'a': 1}")
    'at line 1, column 2: JSON has double quotes: {"a": 1}'
    """
    if not text.strip():
        return "at line 1, column 1: it is empty; the shortest document is {}"
    at = _where(text, error)
    fault = Fault(text, at, error.msg)
    said = next(filter(None, (rule(fault) for rule in _RULES)))
    return f"at {place(text, at)}: {said}"


def _where(text: str, error: json.JSONDecodeError) -> int:
    """Where the fault begins: Python of 3.13 or later points at a comma, others behind it."""
    at = error.pos
    if text[at : at + 1] == "," and text[at + 1 :].lstrip()[:1] in CLOSES.values():
        at += 1
    while text[at : at + 1].isspace() and not error.msg.startswith("Invalid control"):
        at += 1
    return at


def _no_document(fault: Fault) -> str:
    """Another format altogether, which shows at its beginning."""
    if fault.before or fault.rest[0] in "{[\"'":
        return ""
    if _YAML.match(fault.rest):
        return 'this looks like YAML; JSON is {"key": value, ...}'
    return 'this looks like a form; JSON is {"key": value, ...}' if _FORM.match(fault.rest) else ""


def _open_text(fault: Fault) -> str:
    if fault.reason.startswith("Unterminated string"):
        return "the text that begins here is not closed: a double quote is missing, or the document is cut off"
    if fault.reason.startswith("Invalid control character"):
        return r"a text stands in one line: a line break in it is written \n, a tab \t"
    return r"a backslash in a text is written \\" if fault.reason.startswith("Invalid \\") else ""


def _cut_off(fault: Fault) -> str:
    if fault.rest:
        return ""
    opened = unclosed(fault.text)
    if not opened:
        return "the document is cut off"
    what = f"'{fault.text[opened[-1]]}' of {place(fault.text, opened[-1])}"
    return f"the document is cut off: the {what} is not closed"


def _quotes(fault: Fault) -> str:
    if fault.rest[0] == "'":
        return 'JSON has double quotes: {"a": 1}'
    return 'JSON has straight double quotes: {"a": 1}' if fault.rest[0] in _CURLY else ""


def _comment(fault: Fault) -> str:
    return "JSON has no comments" if fault.rest.startswith(("//", "/*", "#")) else ""


def _comma(fault: Fault) -> str:
    if fault.before.endswith(",") and fault.rest[0] in "}]":
        return f"the comma in front of this '{fault.rest[0]}' is one too many"
    if _DIGIT_AND_COMMA.search(fault.before[-2:]) and _DIGITS.match(fault.rest) and "property name" in fault.reason:
        return "a number has no comma in it; one is 10000 or 0.5"
    return _SEPARATORS.get(fault.rest[0], "")


def _bracket(fault: Fault) -> str:
    if fault.rest[0] not in "}]":
        return ""
    opened = unclosed(fault.text[: fault.at])
    if not opened:
        return f"this '{fault.rest[0]}' is one too many"
    first = fault.text[opened[-1]]
    if CLOSES[first] != fault.rest[0]:
        return f"the '{first}' of {place(fault.text, opened[-1])} is closed by '{CLOSES[first]}'"
    return f"a value is missing in front of this '{fault.rest[0]}'"


def _behind(fault: Fault) -> str:
    if fault.reason.startswith("Extra data"):
        return "the document ends in front of this; there can be one alone"
    return ""


def _missing(fault: Fault) -> str:
    if "':' delimiter" in fault.reason:
        return "a colon is missing between the key and this"
    if "',' delimiter" in fault.reason:
        early = ", or the text in front of it ends too early" if fault.before.endswith('"') else ""
        return f"a comma is missing in front of this{early}"
    if "property name" in fault.reason:
        return 'a key stands in double quotes: {"a": 1}'
    return "this is no value of JSON"


_RULES: tuple[Callable[[Fault], str], ...] = (
    _open_text,
    _cut_off,
    _no_document,
    _quotes,
    _comment,
    _comma,
    _bracket,
    _behind,
    number,
    word,
    _missing,
)
"""Each says what is wrong where it knows, or nothing; the last one always does."""
