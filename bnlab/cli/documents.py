"""What the commands share: documents that are named on the command line, and jobs that are followed."""

import sys
from pathlib import Path

from bnlab.errors import CannotRun
from bnlab.sdk.client import Client
from bnlab.terminal.printing import console
from bnlab.terminal.progress import watch


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


def follow(client: Client, job_ids: list[str]) -> bool:
    """Show jobs live until they have ended; whether all of them succeeded."""
    return all(job["status"] == "succeeded" for job in watch(client, job_ids, console))
