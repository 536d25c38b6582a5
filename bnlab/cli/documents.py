"""Documents as they are named on the command line."""

import sys
from pathlib import Path

from bnlab.errors import CannotRun


def read_document(document: str) -> bytes:
    """A document that is a file's name, `-` for stdin, or JSON itself. Raises CannotRun."""
    if document == "-":
        return sys.stdin.buffer.read()
    if document.lstrip().startswith("{"):
        return document.encode("utf-8", "surrogateescape")  # bytes that the terminal's encoding has not, as they came
    try:
        return Path(document).read_bytes()
    except OSError as error:
        raise CannotRun(f"cannot read the document '{document}': {error.strerror}") from None
