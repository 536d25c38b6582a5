"""What the commands share: the terminal that they write to, and documents that are named on the command line."""

import sys
from pathlib import Path

from rich.console import Console

from bnlab.client import Client
from bnlab.errors import CannotRun
from bnlab.progress import watch

console = Console()


def say(line: str) -> None:
    """A line as it is: no colours, no wrapping, at once."""
    print(line, flush=True)


def read_document(document: str) -> str | bytes:
    """A document that is a file's name, `-` for stdin, or JSON itself. Raises CannotRun."""
    if document == "-":
        return sys.stdin.buffer.read()
    if document.lstrip().startswith("{"):
        return document
    try:
        return Path(document).read_bytes()
    except OSError as error:
        raise CannotRun(f"cannot read the document '{document}': {error.strerror}") from None


def follow(client: Client, job_ids: list[str]) -> bool:
    """Show jobs live until they have ended; whether all of them succeeded."""
    return all(job["status"] == "succeeded" for job in watch(client, job_ids, console))
