"""Experiments: many jobs from one document, and what they have found together."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response, status

from api.asked import Cursor, Limit, TheExperimentFilter
from api.csv_rows import csv_of_columns
from api.dependencies import TheBody, TheDatabase, TheExperiments, TheKnown, TheObjects, TheSettings, TheWakeUps
from api.experiment_answers import ALL_POINTS, POINTS, SEEDS, ExperimentAnswers, Shown, plain
from api.http.files import MEDIA, documented
from api.http.links import next_page
from api.http.tags import refuse_known
from api.http.written import written
from api.openapi import EXPERIMENT_BODY, SEEDS_BODY
from api.schemas.comparisons import ComparisonAnswer, EnsembleAnswer
from api.schemas.experiments import ExperimentAnswer, ExperimentPage
from api.values import time_of
from jobs.errors import FieldError, InvalidQuery, InvalidSpec
from jobs.experiments import clients
from jobs.experiments.comparisons import differences, ratios, values
from jobs.experiments.document import MAX_SEEDS, read, read_seeds
from jobs.experiments.ensembles import ensemble
from jobs.experiments.members import further_members, members, require_datasets
from jobs.experiments.needed import scores
from jobs.experiments.numbers import Summary, SummaryKind, check_range, check_series, numbers
from jobs.experiments.tables import Columns, columns_of, parquet_of
from jobs.experiments.tuned import at_chosen
from jobs.lifecycle.scores import of_jobs
from jobs.series.answers import exports
from jobs.series.read.cuts import MOST_POINTS
from jobs.spec.training import Goal

router = APIRouter(prefix="/experiments", tags=["experiments"])

Step = Annotated[int | None, Query(ge=0, le=2**53)]

WRITTEN: dict[exports.Form, Callable[[Columns], bytes]] = {"csv": csv_of_columns, "parquet": parquet_of}

SHOWN = documented(ExperimentAnswer)
ACCEPTED: dict[int | str, dict[str, Any]] = {202: {"model": ExperimentAnswer}}


@router.post("", status_code=status.HTTP_202_ACCEPTED, openapi_extra=EXPERIMENT_BODY, responses=ACCEPTED)
def submit(
    body: TheBody, known: TheKnown, database: TheDatabase, experiments: TheExperiments, wake_ups: TheWakeUps
) -> Response:
    """Queue variants times grid times seeds: all of them are checked before the first one is made."""
    spec = read(body)
    planned = members(spec, known, range(spec.seeds))
    require_datasets(spec, planned, known.settings.data)
    experiment = clients.submit(database, spec, planned)
    wake_ups.send(experiment.jobs[0][1])  # a worker goes on until nothing is queued
    return _accepted(experiments, experiment.id, {"Location": f"experiments/{experiment.id}"})  # relative, as a job's


@router.get("", responses={200: {"model": ExperimentPage}})
def list_experiments(
    request: Request,
    database: TheDatabase,
    asked: TheExperimentFilter,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """The experiments, newest first."""
    found, following = clients.list_experiments(database, asked, limit=limit, cursor=cursor)
    shown = [
        {**vars(brief), "created": time_of(brief.created), "jobs": {str(at): n for at, n in brief.jobs.items()}}
        for brief in found
    ]
    return written({"experiments": shown, "next": following}, headers=next_page(request, following))


@router.get("/{experiment_id}", responses=SHOWN)
def look(
    request: Request,
    experiment_id: str,
    database: TheDatabase,
    experiments: TheExperiments,
    points: Annotated[
        int | None,
        Query(
            ge=2,
            le=MOST_POINTS,
            description=f"At most so many steps in each group, every k-th and the last. Without it {POINTS}, or fewer "
            f"where there are many groups: {ALL_POINTS} in all.",
        ),
    ] = None,
    seeds: Annotated[
        bool | None,
        Query(description=f"Whether each seed's numbers are shown; without it where there are at most {SEEDS} jobs."),
    ] = None,
    form: Annotated[
        exports.Form | Literal["json"], Query(alias="format", description="CSV and Parquet have a row a job.")
    ] = "json",
) -> Response:
    """An experiment with its jobs, and what they have found so far; as a table each job's outcome and metrics."""
    if form == "json":
        made = experiments.of(experiment_id, Shown(points, seeds))
        refuse_known(request, made.tag)
        return Response(made.data, headers={"ETag": made.tag}, media_type="application/json")
    for name, value, what in (("points", points, "curves"), ("seeds", seeds, "groups")):
        if value is not None:
            raise InvalidQuery(name, f"format={form} has no {what}")
    experiment = clients.get(database, experiment_id)
    with database.read() as connection:
        reached = of_jobs(connection, [job.id for _, job in experiment.jobs])
    columns = columns_of(experiment, reached)
    return Response(WRITTEN[form](columns), media_type=MEDIA[form])


@router.get("/{experiment_id}/compare", responses={200: {"model": ComparisonAnswer}})
def compare(
    experiment_id: str,
    database: TheDatabase,
    objects: TheObjects,
    series: Annotated[
        str,
        Query(
            description="A table and one of its series: test.accuracy, rank.hidden3.rank; with kind=wander the units "
            "of a layer: units.hidden3."
        ),
    ],
    kind: Annotated[
        SummaryKind,
        Query(
            description="The last value; the mean or the root mean square over a range of steps; or how far the median "
            "of a layer's units wanders over the steps, in widths of its distribution."
        ),
    ] = "last",
    first: Annotated[Step, Query(alias="from", description="Of a range: the first step, included.")] = None,
    last: Annotated[Step, Query(alias="to", description="Of a range: the last step, included.")] = None,
    goal: Annotated[
        Goal | None, Query(description="Whether less or more is better; else what diverged is not known.")
    ] = None,
    minus: Annotated[
        str | None, Query(description="Another series, whose number in the same job is taken away from each.")
    ] = None,
    tuned: Annotated[
        bool,
        Query(description="Each seed at the setting that was chosen for it, as in the verdicts of who tunes."),
    ] = False,
) -> Response:
    """One number of a series by variant and grid point, and how variants differ in it seed by seed."""
    for name, step in (("from", first), ("to", last)):
        if step is not None and kind == "last":
            raise InvalidQuery(name, "kind=last has no range of steps; say kind=mean, kind=rms or kind=wander")
    experiment = clients.get(database, experiment_id)
    summary = Summary(kind, first, last)
    check_range(experiment, summary)
    check_series(database, experiment, series, kind)
    if minus is not None:
        check_series(database, experiment, minus, kind, "minus")
    if tuned and experiment.spec.tune is None:
        raise InvalidQuery("tuned", "this experiment tunes nothing: no setting was chosen")
    found = numbers(database, objects, experiment, series, summary, goal, minus)
    if tuned:
        found = at_chosen(experiment.spec, experiment.jobs, scores(database, objects, experiment), found)
    return written(
        {
            "series": series,
            "values": plain(values(found)),
            "differences": plain(differences(found)),
            "ratios": plain(ratios(found)),
        }
    )


@router.get("/{experiment_id}/ensemble", responses={200: {"model": EnsembleAnswer}})
def look_together(
    experiment_id: str,
    settings: TheSettings,
    database: TheDatabase,
    objects: TheObjects,
    variant: Annotated[tuple[str, ...], Query(description="May be given several times; only these.")] = (),
) -> Response:
    """The networks that kept their probabilities, evaluated together: probabilities averaged over the members."""
    experiment = clients.get(database, experiment_id)
    return written(plain(ensemble(database, objects, settings.data, experiment, variant)))


@router.post("/{experiment_id}/cancel", status_code=status.HTTP_202_ACCEPTED, responses=ACCEPTED)
def cancel(experiment_id: str, database: TheDatabase, experiments: TheExperiments) -> Response:
    """Cancel those of its jobs that have not ended."""
    clients.cancel(database, experiment_id)
    return _accepted(experiments, experiment_id)


@router.post(
    "/{experiment_id}/seeds",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=SEEDS_BODY,
    responses=ACCEPTED,
)
def add_seeds(
    experiment_id: str,
    body: TheBody,
    known: TheKnown,
    database: TheDatabase,
    experiments: TheExperiments,
    wake_ups: TheWakeUps,
) -> Response:
    """Queue the jobs of so many further seeds."""
    experiment = clients.get(database, experiment_id)
    so_far, wanted = experiment.spec.seeds, experiment.spec.seeds + read_seeds(body).seeds
    if wanted > MAX_SEEDS:
        raise InvalidSpec((FieldError("/seeds", f"there would be {wanted} seeds; at most {MAX_SEEDS}"),))
    planned = further_members(experiment.spec, known, range(so_far, wanted))
    experiment = clients.add_seeds(database, experiment, planned, wanted)
    wake_ups.send(experiment.jobs[-1][1])
    return _accepted(experiments, experiment.id)


@router.delete("/{experiment_id}", status_code=status.HTTP_204_NO_CONTENT)
def remove(experiment_id: str, database: TheDatabase, objects: TheObjects) -> None:
    """Delete an experiment that has ended, with its jobs and everything that they recorded."""
    clients.remove(database, objects, experiment_id)


def _accepted(experiments: ExperimentAnswers, experiment_id: str, headers: Mapping[str, str] | None = None) -> Response:
    made = experiments.of(experiment_id)
    return Response(made.data, status.HTTP_202_ACCEPTED, {"ETag": made.tag, **(headers or {})}, "application/json")
