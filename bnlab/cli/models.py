"""`bnlab model`: a trained network as a file."""

from pathlib import Path
from typing import Annotated

import typer

from bnlab.cli.ids import job_id_of
from bnlab.cli.options import AsJson, JobId, Url, print_found
from bnlab.sdk.client import Client
from bnlab.sdk.models import Checkpoint


def model(
    job: JobId,
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Where to: a name in .safetensors, .zip (for torch) or .onnx."
        ),
    ],
    folded: Annotated[bool, typer.Option("--folded", help="Batch normalization becomes part of the weights.")] = False,
    checkpoint: Annotated[
        Checkpoint, typer.Option(help="The trained network, or until then the newest; or at its best evaluation.")
    ] = "final",
    preprocess: Annotated[
        bool, typer.Option("--preprocess", help="The graph takes inputs as the dataset has them; .onnx alone.")
    ] = False,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Download a job's network for other programs: of a job that goes on, as its newest checkpoint has it."""
    with Client(url) as client:
        job_id = job_id_of(client, job)
        step = client.model(job_id, out, folded=folded, checkpoint=checkpoint, preprocess=preprocess)
    print_found(
        {"job": job_id, "step": step, "file": str(out)}, f"{out}: job {job_id} after step {step}", as_json=as_json
    )
