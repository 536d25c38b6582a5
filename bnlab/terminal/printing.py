"""Text as a terminal gets it: whatever a server or a file has in it, nothing but characters that can be seen."""

import io
import os
import sys

from rich.console import Console
from rich.markup import escape

WHOLE = 10_000  # characters: where no terminal is, nothing is cut


def _of_whole_width(*, stderr: bool) -> Console:
    """A console as wide as the terminal; where there is none, as wide as what is printed, unless COLUMNS says else."""
    found = Console(stderr=stderr)
    return found if found.is_terminal or "COLUMNS" in os.environ else Console(stderr=stderr, width=WHOLE)


console = _of_whole_width(stderr=False)
aside = _of_whole_width(stderr=True)
"""What people may see while stdout is a program's: on stderr."""


def visible(text: str) -> str:
    r"""The text with an escape in place of each character that cannot be seen: a terminal would obey some of them.

    >>> print(visible("one\x1b[2J\ntwo, três"))
    one\x1b[2J\ntwo, três
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def cell(text: object) -> str:
    """The same for a table or a bar, which would take square brackets for rich's markup."""
    return escape(visible(str(text)))


def lines(text: str) -> str:
    """The same with its line breaks kept: for text of our own."""
    return "\n".join(map(visible, text.split("\n")))


def say(text: str) -> None:
    """Lines as they are: no colours, no wrapping, at once."""
    print(lines(text), flush=True)


def warn(text: str) -> None:
    """A warning, on stderr."""
    print(f"warning: {visible(text)}", file=sys.stderr)


def complain(text: str) -> None:
    """What went wrong, on stderr."""
    Console(stderr=True).print(f"bnlab: {lines(text)}", style="red", markup=False, highlight=False, soft_wrap=True)


def give_up_printing() -> None:
    """Throw away what could not be printed, which Python would try once more at its end."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def print_whatever_the_encoding() -> None:
    """Have other characters printed in place of those that the terminal's encoding has not, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # not where a test or another program has put its own there
            stream.reconfigure(errors="replace")
