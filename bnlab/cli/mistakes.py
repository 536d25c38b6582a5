"""`bnlab mistakes`: what a job's network gets wrong with most conviction."""

from typing import Annotated, Literal

import typer

from bnlab.cli.ids import job_id_of
from bnlab.cli.options import AsJson, JobId, Url, print_json
from bnlab.sdk.client import Client
from bnlab.terminal.predictions import table_of_mistakes, wrong_of
from bnlab.terminal.printing import console, say


def mistakes(
    some_id: JobId,
    checkpoint: Annotated[
        Literal["final", "best", "last"], typer.Option(help="Which of the job's networks is asked.")
    ] = "final",
    limit: Annotated[int, typer.Option(min=1, max=100, help="At most so many.")] = 20,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Show the test inputs that a job's network gets wrong, those of which it is most convinced first."""
    with Client(url) as client:
        found = client.mistakes(job_id_of(client, some_id), checkpoint=checkpoint, limit=limit)
    if as_json:
        print_json(found)
        return
    say(wrong_of(found))
    if found["mistakes"]:
        console.print(table_of_mistakes(found))
