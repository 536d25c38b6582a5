"""Experiments: many jobs from one document, and what they have found together."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response, status

from api.asked import Cursor, Limit, TheExperimentFilter
from api.csv_rows import csv_of_columns
from api.dependencies import TheBody, TheDatabase, TheKnown, TheObjects, TheSettings, TheWakeUps
from api.http.files import MEDIA, documented
from api.http.links import next_page
from api.http.written import written
from api.openapi import EXPERIMENT_BODY, SEEDS_BODY
from api.schemas.experiments import (
    ComparisonAnswer,
    EnsembleAnswer,
    ExperimentAnswer,
    ExperimentPage,
)
from api.values import time_of
from jobs.errors import DamagedObject, FieldError, InvalidQuery, InvalidSpec
from jobs.experiments import clients
from jobs.experiments.clients import Experiment
from jobs.experiments.comparisons import differences, last_values, values
from jobs.experiments.curves import test_curves
from jobs.experiments.document import MAX_SEEDS, read, read_seeds
from jobs.experiments.ensembles import ensemble
from jobs.experiments.members import further_members, members, require_datasets
from jobs.experiments.results import Result, groups, speedups
from jobs.experiments.tables import Columns, columns_of, parquet_of
from jobs.lifecycle import scores
from jobs.lifecycle.job import TERMINAL
from jobs.series.answers import exports
from jobs.series.read.cuts import MOST_POINTS

router = APIRouter(prefix="/experiments", tags=["experiments"])

POINTS = 200  # steps of a band
WRITTEN: dict[exports.Form, Callable[[Columns], bytes]] = {"csv": csv_of_columns, "parquet": parquet_of}

SHOWN = documented(ExperimentAnswer)
ACCEPTED: dict[int | str, dict[str, Any]] = {202: {"model": ExperimentAnswer}}


@router.post("", status_code=status.HTTP_202_ACCEPTED, openapi_extra=EXPERIMENT_BODY, responses=ACCEPTED)
def submit(
    body: TheBody, known: TheKnown, database: TheDatabase, objects: TheObjects, wake_ups: TheWakeUps
) -> Response:
    """Queue variants times grid times seeds: all of them are checked before the first one is made."""
    spec = read(body)
    planned = members(spec, known, range(spec.seeds))
    require_datasets(spec, planned, known.settings.data)
    experiment = clients.submit(database, spec, planned)
    wake_ups.send(experiment.jobs[0][1])  # a worker goes on until nothing is queued
    answer = _answer(experiment, database, objects, status.HTTP_202_ACCEPTED)
    answer.headers["Location"] = f"experiments/{experiment.id}"  # relative, as a job's
    return answer


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
    experiment_id: str,
    database: TheDatabase,
    objects: TheObjects,
    points: Annotated[
        int | None,
        Query(
            ge=2,
            le=MOST_POINTS,
            description=f"At most so many steps in each group, {POINTS} unless it is said: every k-th and the last.",
        ),
    ] = None,
    form: Annotated[
        exports.Form | Literal["json"], Query(alias="format", description="CSV and Parquet have a row a job.")
    ] = "json",
) -> Response:
    """An experiment with its jobs, and what they have found so far; as a table each job's outcome and metrics."""
    experiment = clients.get(database, experiment_id)
    if form == "json":
        return _answer(experiment, database, objects, points=points or POINTS)
    if points is not None:
        raise InvalidQuery("points", f"format={form} has no curves")
    with database.read() as connection:
        reached = scores.of_jobs(connection, [job.id for _, job in experiment.jobs])
    columns = columns_of(experiment, reached)
    return Response(WRITTEN[form](columns), media_type=MEDIA[form])


@router.get("/{experiment_id}/compare", responses={200: {"model": ComparisonAnswer}})
def compare(
    experiment_id: str,
    database: TheDatabase,
    series: Annotated[str, Query(description="A table and one of its series: test.accuracy, rank.hidden3.rank.")],
) -> Response:
    """The last value of one series by variant and grid point, and how variants differ in it seed by seed."""
    found = last_values(database, clients.get(database, experiment_id), series)
    return written({"series": series, "values": values(found), "differences": differences(found)})


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
    return written(ensemble(database, objects, settings.data, experiment, variant))


@router.post("/{experiment_id}/cancel", status_code=status.HTTP_202_ACCEPTED, responses=ACCEPTED)
def cancel(experiment_id: str, database: TheDatabase, objects: TheObjects) -> Response:
    """Cancel those of its jobs that have not ended."""
    return _answer(clients.cancel(database, experiment_id), database, objects, status.HTTP_202_ACCEPTED)


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
    objects: TheObjects,
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
    return _answer(experiment, database, objects, status.HTTP_202_ACCEPTED)


@router.delete("/{experiment_id}", status_code=status.HTTP_204_NO_CONTENT)
def remove(experiment_id: str, database: TheDatabase, objects: TheObjects) -> None:
    """Delete an experiment that has ended, with its jobs and everything that they recorded."""
    clients.remove(database, objects, experiment_id)


def _answer(
    experiment: Experiment, database: TheDatabase, objects: TheObjects, code: int = 200, *, points: int = POINTS
) -> Response:
    curves = test_curves(database, objects, (job for _, job in experiment.jobs))
    damaged = {job_id: str(curve) for job_id, curve in curves.items() if isinstance(curve, DamagedObject)}
    # A job that was deleted since the experiment was looked up is left out, as it is in the next answer.
    found = replace(experiment, jobs=tuple((member, job) for member, job in experiment.jobs if job.id in curves))
    read = ((member, job, curves[job.id]) for member, job in found.jobs)
    outcomes = [Result(m, job, None if isinstance(curve, DamagedObject) else curve) for m, job, curve in read]
    answer = {
        "id": found.id,
        "created": time_of(found.created),
        "document": found.spec.model_dump(mode="json"),
        "ended": all(job.status in TERMINAL for _, job in found.jobs),
        "jobs": [
            {**asdict(member), "id": job.id, "status": job.status, "step": job.step, "steps": job.steps}
            for member, job in found.jobs
        ],
        "deleted": found.deleted,
        "damaged": damaged,
        "groups": groups(found.spec, outcomes, points),
        "speedups": speedups(found.spec, outcomes),
    }
    return written(answer, code)
