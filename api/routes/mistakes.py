"""What a job's network gets wrong, by its dataset's test part."""

from dataclasses import asdict
from functools import partial
from math import prod
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response

from api.dependencies import Opened, TheJob, TheOpened
from api.http.freshness import fresh
from api.http.written import written
from api.predicting.mistakes import MOST
from api.predicting.networks import Asked
from api.schemas.predictions import Mistakes
from jobs.models.chosen import Checkpoint, artifact_of

MOST_VALUES = 2**20  # of all inputs of an answer

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("/{job_id}/mistakes", response_model=Mistakes)
async def mistakes(
    request: Request,
    job: TheJob,
    opened: TheOpened,
    checkpoint: Annotated[Checkpoint, Query(description="Which network, as `predict` has it.")] = "final",
    limit: Annotated[
        int,
        Query(ge=1, le=MOST, description=f"At most so many, and of large inputs what has {MOST_VALUES:,} values."),
    ] = 20,
) -> Response:
    """The test inputs that a job's network gets wrong, first those where it is most convinced, with these inputs.

    It is asked by running statistics about the whole test part, or, where that would take more than a few seconds,
    about some of it, spread evenly: `tested` of `of`.
    """
    found = partial(_mistakes, request, opened, Asked(job, checkpoint, "running"), limit)
    return await anyio.to_thread.run_sync(found, limiter=opened.predicting)


def _mistakes(request: Request, opened: Opened, asked: Asked, limit: int) -> Response:
    stored = artifact_of(opened.database, asked.job, asked.checkpoint).stored
    tag = fresh(request, stored)
    tested = opened.examined.of(asked, stored)
    dataset = asked.job.resolved.dataset
    shown = tested.mistakes[: min(limit, max(1, MOST_VALUES // prod(dataset.shape)))]
    inputs = opened.examined.inputs(dataset, shown) if shown else []
    named: list[dict[str, Any]] = [
        {
            **asdict(mistake),
            "label": tested.classes[mistake.label],
            "predicted": tested.classes[mistake.predicted],
            "input": values,
        }
        for mistake, values in zip(shown, inputs, strict=True)
    ]
    answer = {**vars(tested), "job": asked.job.id, "checkpoint": asked.checkpoint, "mistakes": named}
    return written(answer, headers={"ETag": tag})
