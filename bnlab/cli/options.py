"""What several commands take in the same way: which server, ids, and whether the answer is for a program."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from bnlab.errors import ApiError, BnlabError, CannotRun
from bnlab.terminal.printing import complain, say, visible


def _of_root_too(context: typer.Context, url: str | None) -> str | None:
    """The address that was given with the command, or else before it."""
    return context.find_root().params.get("url") if url is None else url


WHICH = "The server; else BNLAB_URL, else BNLAB_HOST and BNLAB_PORT, else http://127.0.0.1:8000."

RootUrl = Annotated[str | None, typer.Option("--url", metavar="URL", help=WHICH)]
Url = Annotated[str | None, typer.Option("--url", metavar="URL", callback=_of_root_too, help=WHICH)]
"""Of every command that asks a server: it may stand behind the command or before it."""

AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON alone, for a program; what goes wrong is still told on stderr.")
]
JobId = Annotated[str, typer.Argument(metavar="ID", help="A job's id, or its beginning or end.")]
JobIds = Annotated[list[str], typer.Argument(metavar="ID", help="Jobs' ids, or their beginnings or ends.")]
ExperimentId = Annotated[str, typer.Argument(metavar="ID", help="An experiment's id, or its beginning or end.")]
ExperimentIds = Annotated[
    list[str], typer.Argument(metavar="ID", help="Experiments' ids, or their beginnings or ends.")
]


def print_json(value: Any) -> None:
    """One JSON value in a line, of characters that can be seen: DEL is the one that JSON leaves as it is."""
    say(json.dumps(value).replace("\x7f", "\\u007f"))


def print_found(value: Any, text: str, *, as_json: bool) -> None:
    """The value for a program, or else its text for people."""
    if as_json:
        print_json(value)
    else:
        say(visible(text))


def for_each(ids: Sequence[str], act: Callable[[str], None]) -> bool:
    """Do something for each id, and whether all went well; what is refused of one is told, and the next one follows."""
    failed = [each for each in dict.fromkeys(ids) if not _succeeds(act, each)]
    return not failed


def tell(error: BnlabError) -> None:
    """One message on stderr; of a server's words it is one line."""
    complain(visible(str(error)) if isinstance(error, ApiError) else str(error))


def fail_unless(went_well: bool) -> None:
    """End with the exit code of a failure, unless all went well; what did not has been told."""
    if not went_well:
        sys.exit(1)


def _succeeds(act: Callable[[str], None], some_id: str) -> bool:
    try:
        act(some_id)
    except (ApiError, CannotRun) as error:
        tell(error)
        return False
    return True
