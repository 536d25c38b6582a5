"""`bnlab predict`: asks a job's network about a file."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from bnlab.cli.ids import job_id_of
from bnlab.cli.options import AsJson, JobId, Url, print_json
from bnlab.sdk.client import Client
from bnlab.terminal.predictions import asked_of, table_of
from bnlab.terminal.printing import console, say


def predict(
    some_id: JobId,
    file: Annotated[Path, typer.Argument(help="A .png or .jpg, or a .npy or .json of inputs as the dataset has them.")],
    checkpoint: Annotated[
        Literal["final", "best", "last"], typer.Option(help="Which of the job's networks is asked.")
    ] = "final",
    normalization: Annotated[
        Literal["running", "batch"],
        typer.Option(help="By what BN normalizes: its running statistics, or the moments of these inputs."),
    ] = "running",
    among: Annotated[
        int,
        typer.Option(min=0, metavar="N", help="With batch: put them among N inputs of the dataset's test part."),
    ] = 0,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Ask a job's network what these inputs are: the classes with their probabilities, the most probable first."""
    with Client(url) as client:
        job_id = job_id_of(client, some_id)
        found = client.predict(job_id, file, checkpoint=checkpoint, normalization=normalization, among=among)
    if as_json:
        print_json(found)
    else:
        say(asked_of(found))
        console.print(table_of(found))
