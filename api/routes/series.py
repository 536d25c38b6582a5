"""What a job has recorded: of its training, and of the inside of its network."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from api.dependencies import TheSeries
from api.http.files import MEDIA, documented
from api.http.freshness import TheTag
from api.http.written import written
from api.schemas.series import Activations, Diagnostics, Findings, Metrics, SeriesInBrief
from bn.architecture.measures import DiagnosticName
from jobs.errors import InvalidQuery
from jobs.findings.report import report
from jobs.series.answers import answers, exports
from jobs.series.answers import summary as summaries
from jobs.series.answers.names import asked_diagnostics
from jobs.series.format.columns import metrics_of
from jobs.series.format.schema import ACTIVATIONS, HISTOGRAMS, UNITS
from jobs.series.read.cuts import MOST_POINTS, Cut

router = APIRouter(prefix="/jobs/{job_id}", tags=["series"])

ALIAS = {"start": "from", "stop": "to"}  # of a cut's parts, as parameters are called

Step = Annotated[int | None, Query(ge=0, le=2**53)]
Names = Annotated[tuple[str, ...], Query(description="May be given several times; only these.")]
Form = Annotated[Literal["json", "csv", "parquet"], Query(alias="format")]
OfFiles = Query(description="Which table; with format=csv or parquet alone.")

Time = Annotated[float | None, Query(ge=0, allow_inf_nan=False)]


async def _range(
    start: Annotated[Step, Query(alias="from", description="The first step, included.")] = None,
    stop: Annotated[Step, Query(alias="to", description="The last step, included.")] = None,
    after: Annotated[Step, Query(description="Only later steps: an earlier answer's `watermark`.")] = None,
    since: Annotated[Time, Query(description="From the first step recorded then, in seconds since 1970.")] = None,
    until: Annotated[Time, Query(description="To the last step recorded until then.")] = None,
) -> Cut:
    return Cut(start, stop, after, since, until)


TheRange = Annotated[Cut, Depends(_range)]
"""Which steps are asked for."""


async def _cut(
    steps: TheRange,
    points: Annotated[
        int | None,
        Query(ge=2, le=MOST_POINTS, description="At most so many rows a table: where there are more, they are joined."),
    ] = None,
) -> Cut:
    return replace(steps, points=points)


TheCut = Annotated[Cut, Depends(_cut)]
Summary = Annotated[
    bool, Query(description="Instead of rows, each series' count, first, last, least and greatest value.")
]


@router.get("/metrics", responses=documented(Metrics | SeriesInBrief))
def metrics(
    series: TheSeries,
    cut: TheCut,
    tag: TheTag,
    summary: Summary = False,
    form: Form = "json",
    table: Annotated[Literal["train", "validation", "test"] | None, OfFiles] = None,
) -> Response:
    """Every step's metrics, exact, as columns: of training, of the test set, and of a validation part."""
    if summary:
        _refuse_all_but(cut, form, table=table)
        return columns_as_json(summaries.summary(series, metrics_of(series.job.resolved)), tag)
    if form != "json":
        return _file(form, exports.metrics(series, form, table=table or "train", cut=cut), tag)
    _refuse({"table": table}, "format=json has every table; leave it out, or say format=csv")
    return columns_as_json(answers.metrics(series, cut=cut), tag)


@router.get("/activations", responses=documented(Activations | SeriesInBrief))
def activations(
    series: TheSeries,
    cut: TheCut,
    tag: TheTag,
    layer: Names = (),
    statistic: Names = (),
    units: bool = False,
    histograms: bool = False,
    summary: Summary = False,
    form: Form = "json",
    table: Annotated[Literal["activations", "units", "histograms"] | None, OfFiles] = None,
) -> Response:
    """The statistics of every layer's activations, as columns; on request also its units and histograms."""
    tables = (ACTIVATIONS, *[UNITS] * units, *[HISTOGRAMS] * histograms)
    if summary:
        _refuse_all_but(cut, form, table=table, layer=layer, statistic=statistic)
        return columns_as_json(summaries.summary(series, tables), tag)
    if form != "json":
        _refuse({"units": units, "histograms": histograms}, f"format={form} has one table; say which with table=")
        _refuse({"statistic": statistic if table in ("units", "histograms") else ()}, f"'{table}' has its own columns")
        chosen = table or "activations"
        pieces = exports.activations(series, form, table=chosen, layers=layer, statistics=statistic, cut=cut)
        return _file(form, pieces, tag)
    _refuse({"table": table}, "format=json has all that it is asked for with units= and histograms=")
    return columns_as_json(answers.activations(series, tables, layers=layer, statistics=statistic, cut=cut), tag)


@router.get("/diagnostics", responses=documented(Diagnostics | SeriesInBrief))
def diagnostics(
    series: TheSeries,
    cut: TheCut,
    tag: TheTag,
    name: Names = (),
    layer: Names = (),
    summary: Summary = False,
    form: Form = "json",
    table: Annotated[DiagnosticName | None, OfFiles] = None,
) -> Response:
    """What the diagnostics that the job asked for have measured, as columns."""
    if summary:
        _refuse_all_but(cut, form, table=table, layer=layer)
        return columns_as_json(summaries.summary(series, asked_diagnostics(series.job, name)), tag)
    if form != "json":
        if table is None:
            raise InvalidQuery("table", f"format={form} has one diagnostic; say which")
        _refuse({"name": name}, f"format={form} has one diagnostic; say which with table=")
        return _file(form, exports.diagnostics(series, form, table=table, layers=layer, cut=cut), tag)
    _refuse({"table": table}, "format=json has those that it is asked for with name=")
    return columns_as_json(answers.diagnostics(series, names=name, layers=layer, cut=cut), tag)


@router.get("/findings", response_model=Findings)
def findings(series: TheSeries, tag: TheTag) -> Response:
    """What is wrong with the training so far, in words: each finding with its rule, layer and step."""
    return columns_as_json(report(series), tag)


def _refuse(parameters: dict[str, Any], reason: str) -> None:
    """An option that would be ignored is an error. Raises InvalidQuery."""
    for name, value in parameters.items():
        if value:
            raise InvalidQuery(name, reason)


def _refuse_all_but(cut: Cut, form: str, **parameters: Any) -> None:
    """A summary is of whole tables, as JSON. Raises InvalidQuery."""
    reason = "summary=true is of every series of its tables, whole, and format=json"
    cuts = {ALIAS.get(name, name): value is not None for name, value in vars(cut).items()}
    _refuse({**cuts, "format": form != "json", **parameters}, reason)


def columns_as_json(answer: dict[str, Any], tag: str | None) -> Response:
    """An answer whose columns are numpy's, with its entity tag."""
    return written(answer, headers={} if tag is None else {"ETag": tag})


def _file(form: exports.Form, pieces: Iterator[bytes], tag: str) -> Response:
    return StreamingResponse(pieces, media_type=MEDIA[form], headers={"ETag": tag})
