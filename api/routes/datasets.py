"""Datasets: those that every server has, and people's own, which are uploaded, looked at and deleted."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status
from starlette.exceptions import HTTPException

from api.dataset_answers import facts_of, facts_of_entry, row_of
from api.dependencies import Opened, TheDatabase, TheObjects, TheOpened, TheSettings
from api.http.accept import prefers
from api.http.digests import TheDigest
from api.http.tags import refuse_known, tag_of
from api.http.written import as_json, written
from api.openapi import FILE_BODY
from api.schemas.datasets import DatasetFacts, Datasets
from api.uploads import Asked, take
from jobs.datasets.catalogue import CATALOGUE
from jobs.datasets.judging.limits import MAX_SIDE
from jobs.datasets.judging.options import Options
from jobs.datasets.kept import NAME, Uploaded
from jobs.errors import InvalidQuery
from jobs.lifecycle import datasets

router = APIRouter(prefix="/datasets", tags=["catalogue"])

JSON, PNG = "application/json", "image/png"
SHOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": DatasetFacts, "content": {PNG: {"schema": {"type": "string", "format": "binary"}}}}
}
MADE: dict[int | str, dict[str, Any]] = {
    200: {"model": DatasetFacts, "description": "It was there already, made of the same file in the same way."},
    201: {"model": DatasetFacts, "description": "What was found in the file; Location is where it is from now on."},
}


async def _new_name(
    name: Annotated[str, Path(description="What it is to be called.", json_schema_extra={"pattern": f"^{NAME}$"})],
) -> str:
    if not re.fullmatch(NAME, name):
        wanted = "small letters, digits, '_', '.' and '-', at most 64, the first one a letter or a digit"
        raise InvalidQuery("name", f"'{name[:80]}' cannot be what a dataset is called: that has {wanted}")
    return name


async def _options(
    test: Annotated[
        float | None,
        Query(gt=0, lt=1, description="The share of each class that becomes the test part, where the file has none."),
    ] = None,
    size: Annotated[
        int | None, Query(ge=1, le=MAX_SIDE, description="Images are scaled to size x size pixels.")
    ] = None,
    seed: Annotated[int, Query(ge=0, le=2**53, description="By which the test part is drawn.")] = 0,
) -> Options:
    return Options(test, size, seed)


NewName = Annotated[str, Depends(_new_name)]
TheOptions = Annotated[Options, Depends(_options)]


@router.get("", responses={200: {"model": Datasets}})
def list_datasets(settings: TheSettings, database: TheDatabase) -> Response:
    """The datasets that every server has, and whether their files are here; then those that were uploaded."""
    all_facts = (
        *(facts_of_entry(entry, settings.data) for entry in CATALOGUE.values()),
        *map(facts_of, datasets.every(database)),
    )
    return written({"datasets": list(map(row_of, all_facts))})


@router.put("/{name}", status_code=status.HTTP_201_CREATED, openapi_extra=FILE_BODY, responses=MADE)
async def add(request: Request, opened: TheOpened, name: NewName, options: TheOptions, sha256: TheDigest) -> Response:
    """Upload a dataset, as the file itself; the answer is what was found in it, or everything that is wrong with it.

    A zip of class folders of PNG and JPEG, numpy's .npz, a Parquet table of images, or a CSV table of numbers. It never
    changes: the same file, read in the same way, may be sent again, and another one under this name is refused.
    """
    uploaded, is_new = await take(request, opened, Asked(name, options, sha256, int(request.headers["content-length"])))
    code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
    return written(facts_of(uploaded), code, {"Location": name})  # relative, as a job's


@router.get("/{name}", responses=SHOWN)
def look(request: Request, name: str, opened: TheOpened) -> Response:
    """What is known of a dataset; with `Accept: image/png` examples of its images, a row for each class."""
    uploaded = None if name in CATALOGUE else datasets.get(opened.database, name)
    if prefers(request.headers.get("accept", ""), PNG, JSON):
        data, kind = _sheet_of(uploaded, opened) if uploaded else opened.sheets.of(name), PNG
    else:
        facts = facts_of(uploaded) if uploaded else facts_of_entry(CATALOGUE[name], opened.settings.data)
        data, kind = as_json(facts), JSON
    tag = tag_of(data)
    refuse_known(request, tag)
    headers = {"ETag": tag, "Vary": "Accept", "X-Content-Type-Options": "nosniff"}
    return Response(data, headers=headers, media_type=kind)


@router.delete("/{name}", status_code=status.HTTP_204_NO_CONTENT)
def remove(name: str, database: TheDatabase, objects: TheObjects) -> None:
    """Delete an uploaded dataset, unless a job trains on it that has not ended."""
    datasets.remove(database, objects, name)


def _sheet_of(uploaded: Uploaded, opened: Opened) -> bytes:
    """Raises HTTPException where there are no images."""
    if uploaded.sheet is None:
        told = f"'{uploaded.name}' has no images to show: an example is {uploaded.dataset.shape[0]} features"
        raise HTTPException(status.HTTP_406_NOT_ACCEPTABLE, told)
    return bytes(opened.objects.read(uploaded.sheet))
