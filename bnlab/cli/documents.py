"""Documents as they are named on the command line."""

import sys
from pathlib import Path

from bnlab.errors import CannotRun


def read_document(document: str) -> bytes:
    """A document that is a file's name, `-` for stdin, or JSON itself. Raises CannotRun."""
    if document == "-":
        return _from_stdin()
    if not document.strip():
        raise CannotRun("the document is empty: name a file, '-' for stdin, or give JSON such as '{}'")
    if document.lstrip().startswith(("{", "[")):
        return document.encode("utf-8", "surrogateescape")  # bytes that the terminal's encoding has not, as they came
    try:
        return Path(document).read_bytes()
    except OSError as error:
        raise CannotRun(f"cannot read the document '{document}': {error.strerror}") from None


def _from_stdin() -> bytes:
    if sys.stdin is None:  # it was closed by whoever started this
        raise CannotRun("cannot read the document '-': there is no stdin")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise CannotRun(f"cannot read the document '-': {error.strerror}") from None
