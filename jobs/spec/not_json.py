"""What is wrong with a text that is no JSON, in words: what people write by habit, and what was cut off."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from jobs.sentences import MAX_QUOTED

_YAML = re.compile(r"(---|- |[A-Za-z_][\w-]*\s*:(\s|$))")
_FORM = re.compile(r"[\w.-]+=[^\n]*$")
_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null", "nil": "null"}
_JSON = ("true", "false", "null")
_CLOSES = {"{": "}", "[": "]"}
_CURLY = "`\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"  # and what else stands for a quote in a word processor
_NO_NUMBERS = ("nan", "inf", "infinity")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)


@dataclass(frozen=True)
class _Fault:
    """A text that is no JSON, and the place where reading it ended."""

    text: str
    at: int
    reason: str

    @property
    def rest(self) -> str:
        return self.text[self.at :].lstrip()

    @property
    def before(self) -> str:
        return self.text[: self.at].rstrip()


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
    fault = _Fault(text, at, error.msg)
    said = next(filter(None, (rule(fault) for rule in _RULES)))
    return f"at {_place(text, at)}: {said}"


def _where(text: str, error: json.JSONDecodeError) -> int:
    """Where the fault begins: Python of 3.13 or later points at a comma, others behind it."""
    at = error.pos
    if text[at : at + 1] == "," and text[at + 1 :].lstrip()[:1] in _CLOSES.values():
        at += 1
    while text[at : at + 1].isspace() and not error.msg.startswith("Invalid control"):
        at += 1
    return at


def _place(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    return f"line {line}, column {at - text.rfind(chr(10), 0, at)}"


def _unclosed(text: str) -> list[int]:
    """Where those brackets stand that are open at the end of a text."""
    opened: list[int] = []
    bare = _TEXT.sub(lambda found: " " * len(found.group()), text)
    for at, character in enumerate(bare):
        if character in _CLOSES:
            opened.append(at)
        elif character in _CLOSES.values() and opened:
            opened.pop()
    return opened


def _no_document(fault: _Fault) -> str:
    """Another format altogether, which shows at its beginning."""
    if fault.before or fault.rest[0] in "{[\"'":
        return ""
    if _YAML.match(fault.rest):
        return 'this looks like YAML; JSON is {"key": value, ...}'
    return 'this looks like a form; JSON is {"key": value, ...}' if _FORM.match(fault.rest) else ""


def _open_text(fault: _Fault) -> str:
    if fault.reason.startswith("Unterminated string"):
        return "the text that begins here is not closed: a double quote is missing, or the document is cut off"
    if fault.reason.startswith("Invalid control character"):
        return r"a text stands in one line: a line break in it is written \n, a tab \t"
    return r"a backslash in a text is written \\" if fault.reason.startswith("Invalid \\") else ""


def _cut_off(fault: _Fault) -> str:
    if fault.rest:
        return ""
    opened = _unclosed(fault.text)
    if not opened:
        return "the document is cut off"
    what = f"'{fault.text[opened[-1]]}' of {_place(fault.text, opened[-1])}"
    return f"the document is cut off: the {what} is not closed"


def _quotes(fault: _Fault) -> str:
    if fault.rest[0] == "'":
        return 'JSON has double quotes: {"a": 1}'
    return 'JSON has straight double quotes: {"a": 1}' if fault.rest[0] in _CURLY else ""


def _comment(fault: _Fault) -> str:
    return "JSON has no comments" if fault.rest.startswith(("//", "/*", "#")) else ""


def _comma(fault: _Fault) -> str:
    if fault.before.endswith(",") and fault.rest[0] in "}]":
        return f"the comma in front of this '{fault.rest[0]}' is one too many"
    return "this comma is one too many" if fault.rest[0] == "," else ""


def _bracket(fault: _Fault) -> str:
    if fault.rest[0] not in "}]":
        return ""
    opened = _unclosed(fault.text[: fault.at])
    if not opened:
        return f"this '{fault.rest[0]}' is one too many"
    first = fault.text[opened[-1]]
    if _CLOSES[first] != fault.rest[0]:
        return f"the '{first}' of {_place(fault.text, opened[-1])} is closed by '{_CLOSES[first]}'"
    return f"a value is missing in front of this '{fault.rest[0]}'"


def _behind(fault: _Fault) -> str:
    if fault.reason.startswith("Extra data"):
        return "the document ends in front of this; there can be one alone"
    return ""


def _number(fault: _Fault) -> str:
    if "':' delimiter" in fault.reason or "property name" in fault.reason:
        return ""
    begun = re.search(r"(?<![\w.\"])[-+]?\d[\d.]*$", fault.text[: fault.at])
    if begun and re.match(r"[\w.]", fault.text[fault.at :]):
        return f"{_word(fault, begun.start())} is no number of JSON; one is 10, 0.5 or 1e-3"
    found = re.match(r"[-+]?\.?\d|[-+]", fault.rest)
    return f"{_word(fault, fault.at)} is no number of JSON; one is 10, 0.5 or 1e-3" if found else ""


def _word_bare(fault: _Fault) -> str:
    word = re.match(r"[A-Za-z_$][\w$.-]*", fault.rest)
    if not word or "':' delimiter" in fault.reason:
        return ""
    if fault.rest[word.end() :].lstrip().startswith(":"):
        return f'a key stands in double quotes: "{word.group()[:MAX_QUOTED]}"'
    if word.group() in _WORDS and "Expecting value" in fault.reason:
        return f"JSON writes {_WORDS[word.group()]}, not {word.group()}"
    lower = word.group().lower()
    if word.group() == fault.rest and any(name.startswith(word.group()) for name in _JSON):
        return "the document is cut off"
    if lower in _NO_NUMBERS:
        return f"there is no {word.group()} in JSON"
    if lower in _JSON:
        return f"JSON writes {lower}, not {word.group()[:MAX_QUOTED]}"
    if "',' delimiter" in fault.reason:
        return ""
    return f'a text stands in double quotes: "{word.group()[:MAX_QUOTED]}"'


def _missing(fault: _Fault) -> str:
    if "':' delimiter" in fault.reason:
        return "a colon is missing between the key and this"
    if "',' delimiter" in fault.reason:
        early = ", or the text in front of it ends too early" if fault.before.endswith('"') else ""
        return f"a comma is missing in front of this{early}"
    if "property name" in fault.reason:
        return 'a key stands in double quotes: {"a": 1}'
    return "this is no value of JSON"


def _word(fault: _Fault, at: int) -> str:
    return re.split(r"[\s,}\]]", fault.text[at : at + MAX_QUOTED], maxsplit=1)[0]


_RULES: tuple[Callable[[_Fault], str], ...] = (
    _open_text,
    _cut_off,
    _no_document,
    _quotes,
    _comment,
    _comma,
    _bracket,
    _behind,
    _number,
    _word_bare,
    _missing,
)
"""Each says what is wrong where it knows, or nothing; the last one always does."""
