"""A text that is no JSON, and the place where reading it ended."""

import re
from dataclasses import dataclass

CLOSES = {"{": "}", "[": "]"}

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)


@dataclass(frozen=True)
class Fault:
    """Where a text stops being JSON, and what Python's reader says of it."""

    text: str
    at: int
    reason: str

    @property
    def rest(self) -> str:
        """What follows, without white space in front."""
        return self.text[self.at :].lstrip()

    @property
    def before(self) -> str:
        """What could be read, without white space behind."""
        return self.text[: self.at].rstrip()


def place(text: str, at: int) -> str:
    """A place in a text as editors count.

    >>> place("ab\\ncd", 4)
    'line 2, column 2'
    """
    line = text.count("\n", 0, at) + 1
    return f"line {line}, column {at - text.rfind(chr(10), 0, at)}"


def unclosed(text: str) -> list[int]:
    """Where those brackets stand that are open at the end of a text.

    >>> unclosed('{"a[": [1, 2], "b": [')
    [0, 20]
    """
    opened: list[int] = []
    bare = _TEXT.sub(lambda found: " " * len(found.group()), text)
    for at, character in enumerate(bare):
        if character in CLOSES:
            opened.append(at)
        elif character in CLOSES.values() and opened:
            opened.pop()
    return opened
