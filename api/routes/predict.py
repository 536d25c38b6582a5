"""Ask a job's network: inputs as the dataset has them in, classes with their probabilities out."""

import time
from contextlib import nullcontext
from functools import partial
from http import HTTPStatus
from math import prod
from typing import Annotated, Any

import anyio.to_thread
import numpy as np
from fastapi import APIRouter, Query, Request, Response

from api.access.bodies import MAX_BODY, MAX_INPUTS, NPY, PICTURES, kind_of
from api.dependencies import Opened, TheJob, TheOpened
from api.errors import Refusal
from api.http.arriving import in_time
from api.http.written import written
from api.openapi import INPUTS_BODY
from api.predicting.amounts import refuse_batch, refuse_number, spread
from api.predicting.inputs import MOST, Inputs, of_json, of_npy
from api.predicting.networks import Asked, logits_of, probabilities_of
from api.schemas.predictions import Predictions
from jobs.datasets.judging.picture import decoded
from jobs.datasets.uploaded import the_test_part
from jobs.errors import DatasetRefused, InvalidInputs, InvalidQuery
from jobs.lifecycle.job import Job, new_id
from jobs.models.chosen import Checkpoint
from jobs.models.onnx_file import Moments
from jobs.storage.uploads import upload

router = APIRouter(prefix="/jobs", tags=["jobs"])

DEEPEST = 8  # bytes of a pixel of four channels of 16 bits
PATIENCE = 60.0  # seconds in which a body has to come: there are few that may come at once

PREDICTED: dict[int | str, dict[str, Any]] = {200: {"model": Predictions}}


@router.post("/{job_id}/predict", openapi_extra=INPUTS_BODY, responses=PREDICTED)
async def predict(
    request: Request,
    job: TheJob,
    opened: TheOpened,
    checkpoint: Annotated[
        Checkpoint,
        Query(description="The network at the end, at its best evaluation, or at its newest checkpoint."),
    ] = "final",
    normalization: Annotated[
        Moments,
        Query(description="By what BN normalizes: its running statistics, or the moments of these inputs."),
    ] = "running",
    among: Annotated[
        int,
        Query(
            ge=0,
            lt=MOST,
            description="How many inputs of the test part, spread evenly over it, the batch has beside those in the "
            "body; with normalization=batch alone.",
        ),
    ] = 0,
) -> Response:
    """What a job's network says of inputs as its dataset has them: pixels are numbers from 0 to 255.

    It is the API that asks the network, whatever the workers do; of a job that has not ended its newest checkpoint
    answers, and `step` says which that is.
    """
    if among and normalization != "batch":
        raise InvalidQuery("among", "by running statistics nothing depends on other inputs; say normalization=batch")
    asked = Asked(job, checkpoint, normalization)
    is_small = int(request.headers.get("content-length", MAX_INPUTS)) <= MAX_BODY
    async with nullcontext() if is_small else opened.arriving:
        async with in_time(PATIENCE, f"the inputs have not come within {PATIENCE:g} seconds: send them again"):
            body = await request.body()
        predicted = partial(_predicted, opened, asked, kind_of(request), body, among)
        return await anyio.to_thread.run_sync(predicted, limiter=opened.predicting)


def _predicted(opened: Opened, asked: Asked, kind: str, body: bytes, among: int) -> Response:
    plan = asked.job.resolved.plan
    inputs = _inputs(opened, kind, body, plan.input)
    among = min(among, asked.job.resolved.dataset.test)
    refuse_number(plan, len(inputs) + among)
    others = _others(opened, asked.job, len(inputs), among) if among else inputs[:0]
    network, of_all = logits_of(opened.networks, asked, np.concatenate([inputs, others]))
    logits = of_all[: len(inputs)]
    names = [network.classes[row.argmax()] if np.isfinite(row).all() else None for row in logits]
    return written(
        {
            "job": asked.job.id,
            "step": network.step,
            "checkpoint": asked.checkpoint,
            "normalization": asked.normalization,
            "among": len(others),
            "classes": network.classes,
            "predicted": names,
            "probabilities": probabilities_of(logits),
            "logits": logits,
        }
    )


def _others(opened: Opened, job: Job, given: int, among: int) -> Inputs:
    """Inputs of the test part, at most all, to stand beside those given. Raises as `refuse_batch` and its reader do."""
    dataset = job.resolved.dataset
    refuse_batch(job.resolved.plan, given + among)
    images, _ = the_test_part(dataset, opened.settings.data, opened.objects)
    return images[spread(among, of=len(images))].astype(np.float32)


def _inputs(opened: Opened, kind: str, body: bytes, shape: tuple[int, ...]) -> Inputs:
    """The inputs in a body of that kind, for a network of examples of that shape. Raises InvalidInputs, and 413."""
    if kind in PICTURES:
        return _of_picture(opened, body, shape)
    return of_npy(body, shape) if kind == NPY else of_json(body, shape)


def _of_picture(opened: Opened, body: bytes, shape: tuple[int, ...]) -> Inputs:
    if len(shape) == 1:
        raise InvalidInputs("", f"this network takes rows of {shape[0]:,} features, and no pictures")
    most = prod(shape[1:]) * DEEPEST + MAX_BODY
    if len(body) > most:
        told = f"the picture has {len(body):,} bytes: of its size at most {most:,} are decoded"
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", told)
    with upload(opened.settings.data, new_id(time.time())) as folder:
        file = folder / "file"
        file.write_bytes(body)
        try:
            return decoded(file, shape, folder)[np.newaxis].astype(np.float32)
        except DatasetRefused as refused:
            raise InvalidInputs("", str(refused)) from None
