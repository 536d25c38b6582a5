"""`bnlab logs`: what happened to a job, and what its process printed."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from bnlab.cli.ids import job_id_of
from bnlab.cli.options import AsJson, JobId, Url, print_json
from bnlab.sdk.client import Client
from bnlab.terminal.printing import say, visible


def logs(
    job: JobId,
    follow: Annotated[bool, typer.Option(help="Go on until the job has ended.")] = False,
    level: Annotated[str | None, typer.Option(help="Only from info, warning or error on.")] = None,
    only: Annotated[
        str | None,
        typer.Option("--type", help="Only status, checkpoint, resumed, warning, output or error."),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Show what happened to a job, the oldest first; as JSON an event a line."""
    with Client(url) as client:
        for event in client.events(job_id_of(client, job), level=level, type=only, follow=follow):
            if as_json:
                print_json(event)
            else:
                for line in lines_of(event):
                    say(line)


def lines_of(event: dict[str, Any]) -> Iterator[str]:
    """An event in lines of their own, each with when it was and what it is.

    >>> event = {"time": "2026-01-02T03:04:05.6Z", "type": "output", "message": "one\\ntwo", "data": {"left_out": 9}}
    >>> print("\\n".join(lines_of(event)))
    2026-01-02 03:04:05  output      (9 bytes left out)
    2026-01-02 03:04:05  output      one
    2026-01-02 03:04:05  output      two
    """
    left_out = event["data"].get("left_out", 0)
    said = [f"({left_out} bytes left out)"] if left_out else []
    for line in (*said, *event["message"].splitlines()):
        yield visible(f"{event['time'][:19].replace('T', ' ')}  {event['type']:<10}  {line}")
