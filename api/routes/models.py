"""A job's network, as a file for other programs."""

from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Query, Response

from api.dependencies import TheJob, TheOpened
from api.http.downloads import BYTES, ZIP, TheAsked, documented, download
from api.model_files import Wanted
from jobs.errors import InvalidQuery
from jobs.models.chosen import Checkpoint
from jobs.models.files import SUFFIX, Format

router = APIRouter(prefix="/jobs/{job_id}/model", tags=["models"])

MEDIA: dict[Format, str] = {"safetensors": BYTES, "torch": ZIP, "onnx": BYTES}
STEP = "X-Bnlab-Step"

FILE = documented(BYTES, ZIP, headers={STEP: "After which step the network was so."})

Form = Annotated[
    Format,
    Query(
        alias="format",
        description="`torch`: a zip of the weights, the architecture, and the short program that loads them.",
    ),
]
Folded = Annotated[bool, Query(description="Batch normalization becomes part of the weights in front of it.")]
Which = Annotated[
    Checkpoint,
    Query(
        description="`final`: the trained network, until then that of the newest checkpoint; `best`: that at the best "
        "evaluation; `last`: the newest that there is."
    ),
]
Preprocess = Annotated[
    bool, Query(description="The graph takes inputs as the dataset has them; with format=onnx alone.")
]


@router.get("", responses=FILE, response_class=Response)
async def model(
    asked: TheAsked,
    job: TheJob,
    opened: TheOpened,
    form: Form = "safetensors",
    folded: Folded = False,
    checkpoint: Which = "final",
    preprocess: Preprocess = False,
) -> Response:
    """The trained network, or as it was at a checkpoint, with its preprocessing and the names of its classes."""
    if preprocess and form != "onnx":
        raise InvalidQuery(
            "preprocess", f"format={form} has what to do with inputs beside the weights; say format=onnx"
        )
    make = partial(opened.model_files.of, job, Wanted(form, checkpoint, folded, preprocess))
    made = await anyio.to_thread.run_sync(make, limiter=opened.making)
    name = "-".join([job.id, *(["best"] if checkpoint == "best" else []), *(["folded"] if folded else [])])
    headers = {"Content-Disposition": f'attachment; filename="{name}.{SUFFIX[form]}"', STEP: str(made.step)}
    return download(asked, made.file, MEDIA[form], headers)
