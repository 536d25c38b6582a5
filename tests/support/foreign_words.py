"""Tells a message of pydantic's from one of ours: by its own templates, and by words that no reader should need."""

import re

from pydantic_core._pydantic_core import list_all_errors

_PLACEHOLDER = re.compile(r"\\{[^{}]*\\}")
_WORDS = re.compile(
    r"Input should|\btag\b|discriminator|[Tt]uple|[Dd]ictionary|Field required|\bvalid\b|Extra inputs|Value error"
    r"|\bNone\b|\bTrue\b|\bFalse\b|\binteger\b|\barray\b|\bstring\b"
)


def _patterns() -> list[re.Pattern[str]]:
    templates = {
        template
        for error in list_all_errors()
        for name in ("message_template_python", "message_template_json")
        if (template := str(error.get(name, "")))
    }
    escaped = (re.escape(template) for template in templates)
    # What is nothing but a placeholder, such as '{error}', fits every text.
    return [re.compile(_PLACEHOLDER.sub(".*", each)) for each in escaped if len(_PLACEHOLDER.sub("", each)) > 8]


PATTERNS = _patterns()


def foreign(message: str) -> str:
    """The first thing in a message that is not ours; empty: none."""
    found = next((found for each in (*PATTERNS, _WORDS) if (found := each.search(message))), None)
    return found.group() if found else ""
