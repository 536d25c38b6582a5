"""What a job has recorded: of its training, and of the inside of its network."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypedDict

import orjson
from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from api.dependencies import TheDatabase, TheJob, TheObjects
from api.resources import samples_of
from api.series_schemas import Activations, Diagnostics, Metrics
from bn.architecture.measures import DiagnosticName
from jobs.errors import InvalidQuery
from jobs.series import answers, csv_text
from jobs.series.selection import PAGE_ROWS
from jobs.submission import stored_spec

router = APIRouter(prefix="/jobs/{job_id}", tags=["series"])

Step = Annotated[int | None, Query(ge=0, le=2**53)]
Names = Annotated[tuple[str, ...], Query(description="May be given several times; only these.")]
Form = Annotated[Literal["json", "csv"], Query(alias="format")]
OfCsv = Query(description="Which table; with format=csv alone.")


class Cut(TypedDict):
    """Which part of a series is wanted."""

    start: int | None
    stop: int | None
    after: int | None
    points: int | None


async def _cut(
    start: Annotated[Step, Query(alias="from", description="The first step, included.")] = None,
    stop: Annotated[Step, Query(alias="to", description="The last step, included.")] = None,
    after: Annotated[Step, Query(description="Only later steps: an earlier answer's `watermark`.")] = None,
    points: Annotated[
        int | None,
        Query(ge=2, le=PAGE_ROWS, description="At most so many rows a table: where there are more, they are joined."),
    ] = None,
) -> Cut:
    return {"start": start, "stop": stop, "after": after, "points": points}


TheCut = Annotated[Cut, Depends(_cut)]


def _documented(model: type[Metrics | Activations | Diagnostics]) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": model, "content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.get("/metrics", responses=_documented(Metrics))
def metrics(
    job: TheJob,
    database: TheDatabase,
    objects: TheObjects,
    cut: TheCut,
    form: Form = "json",
    table: Annotated[Literal["train", "test"] | None, OfCsv] = None,
) -> Response:
    """Every step's metrics, exact, as columns: of training, and of the test set."""
    if form == "csv":
        return _csv(csv_text.metrics_csv(database, objects, job, table=table or "train", **cut))
    _refuse({"table": table}, "format=json has every table; leave it out, or say format=csv")
    return _json(answers.metrics(database, objects, job, **cut))


@router.get("/activations", responses=_documented(Activations))
def activations(
    job: TheJob,
    database: TheDatabase,
    objects: TheObjects,
    cut: TheCut,
    layer: Names = (),
    statistic: Names = (),
    units: bool = False,
    histograms: bool = False,
    form: Form = "json",
    table: Annotated[Literal["activations", "units", "histograms"] | None, OfCsv] = None,
) -> Response:
    """The statistics of every layer's activations, as columns; on request also its units and histograms."""
    if form == "csv":
        _refuse({"units": units, "histograms": histograms}, "format=csv has one table; say which with table=")
        _refuse({"statistic": statistic if table in ("units", "histograms") else ()}, f"'{table}' has its own columns")
        text = csv_text.activations_csv(
            database, objects, job, table=table or "activations", layers=layer, statistics=statistic, **cut
        )
        return _csv(text)
    _refuse({"table": table}, "format=json has all that it is asked for with units= and histograms=")
    answer = answers.activations(
        database,
        objects,
        job,
        sample=samples_of(stored_spec(job)),
        layers=layer,
        statistics=statistic,
        units=units,
        histograms=histograms,
        **cut,
    )
    return _json(answer)


@router.get("/diagnostics", responses=_documented(Diagnostics))
def diagnostics(
    job: TheJob,
    database: TheDatabase,
    objects: TheObjects,
    cut: TheCut,
    name: Names = (),
    layer: Names = (),
    form: Form = "json",
    table: Annotated[DiagnosticName | None, OfCsv] = None,
) -> Response:
    """What the diagnostics that the job asked for have measured, as columns."""
    if form == "csv":
        if table is None:
            raise InvalidQuery("table", "format=csv has one diagnostic; say which")
        _refuse({"name": name}, "format=csv has one diagnostic; say which with table=")
        return _csv(csv_text.diagnostics_csv(database, objects, job, table=table, layers=layer, **cut))
    _refuse({"table": table}, "format=json has those that it is asked for with name=")
    return _json(answers.diagnostics(database, objects, job, names=name, layers=layer, **cut))


def _refuse(parameters: dict[str, Any], reason: str) -> None:
    """An option that would be ignored is an error. Raises InvalidQuery."""
    for name, value in parameters.items():
        if value:
            raise InvalidQuery(name, reason)


def _json(answer: dict[str, Any]) -> Response:
    return Response(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")


def _csv(text: Iterator[str]) -> Response:
    return StreamingResponse(text, media_type="text/csv")
