"""What is wrong with what stands in a document without quotes and is no value of JSON: numbers and words."""

import re

from jobs.sentences import MAX_QUOTED
from jobs.spec.json_fault import Fault

_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null", "nil": "null"}
_JSON = ("true", "false", "null")
_NO_NUMBERS = ("nan", "inf", "infinity")

_ENDS = r"\s,:;\[\]{}\""  # what no number and no word has in it
_BEGUN = re.compile(rf"(?<![^{_ENDS}])[^{_ENDS}]+$")
_WHOLE = re.compile(rf"[^{_ENDS}]*")
_LIKE_A_NUMBER = re.compile(r"[-+]?\.?\d|[-+]")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")


def number(fault: Fault) -> str:
    """That a number is none as JSON writes it, in full; nothing where it is one, or where no value may stand.

    >>> number(Fault("[3e-4f]", 5, "Expecting ',' delimiter"))
    '3e-4f is no number of JSON; one is 10, 0.5 or 1e-3'
    """
    if "':' delimiter" in fault.reason or "property name" in fault.reason:
        return ""
    begun = _BEGUN.search(fault.text[: fault.at])
    whole = _WHOLE.match(fault.text, begun.start() if begun else fault.at)
    written = whole.group() if whole else ""
    if not _LIKE_A_NUMBER.match(written) or _NUMBER.fullmatch(written):
        return ""
    return f"{written[:MAX_QUOTED]} is no number of JSON; one is 10, 0.5 or 1e-3"


def word(fault: Fault) -> str:
    """How JSON writes what a word says; nothing where it is one of JSON's own, or where no value may stand.

    >>> word(Fault('{"a": True}', 6, "Expecting value"))
    'JSON writes true, not True'
    """
    found = re.match(r"[A-Za-z_$][\w$.-]*", fault.rest)
    if not found or "':' delimiter" in fault.reason:
        return ""
    written = found.group()
    if fault.rest[found.end() :].lstrip().startswith(":"):
        return f'a key stands in double quotes: "{written[:MAX_QUOTED]}"'
    if written in _WORDS and "Expecting value" in fault.reason:
        return f"JSON writes {_WORDS[written]}, not {written}"
    if written == fault.rest and any(each.startswith(written) for each in _JSON):
        return "the document is cut off"
    lower = written.lower()
    if lower in _NO_NUMBERS:
        return f"there is no {written} in JSON"
    if lower in _JSON and lower != written:
        return f"JSON writes {lower}, not {written}"
    if "',' delimiter" in fault.reason:
        return ""
    return f'a text stands in double quotes: "{written[:MAX_QUOTED]}"'
