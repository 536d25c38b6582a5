"""Submit, look at, list and label jobs, and the verbs: cancel, pause, resume, retry, delete."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response, status

from api.answers import job_answer, validated
from api.asked import Cursor, Limit, TheFields, TheFilter, TheOrder
from api.csv_rows import csv_of
from api.dependencies import TheAnswers, TheBody, TheDatabase, TheLive, TheObjects, ThePosted, TheWakeUps
from api.http.links import next_page
from api.http.tags import asked_of, names, refuse_known, revisions_of
from api.http.written import written
from api.live.changes import LONGEST, Shown, wait_for_change
from api.openapi import JOB_BODY, LABELS_BODY
from api.rows import columns_of, csv_columns, rows_of
from api.schemas.jobs import JobAnswer, JobPage, ValidatedAnswer
from jobs.experiments.patches import merged
from jobs.lifecycle import clients, lookup, retries, starting
from jobs.lifecycle.job import Job
from jobs.lists.cursors import ListOf
from jobs.lists.pages import counts_of_jobs, page_of_jobs
from jobs.series.answers.verification import verify
from jobs.series.read.reader import Series
from jobs.spec import json_text
from jobs.spec.check import labels_of
from jobs.storage.database import Database

router = APIRouter(prefix="/jobs", tags=["jobs"])

ANSWERED: dict[int | str, dict[str, Any]] = {200: {"model": JobAnswer}}
ACCEPTED: dict[int | str, dict[str, Any]] = {202: {"model": JobAnswer}}
LISTED: dict[int | str, dict[str, Any]] = {
    200: {"model": JobPage, "content": {"text/csv": {"schema": {"type": "string"}}}}
}


@router.post("", status_code=status.HTTP_202_ACCEPTED, openapi_extra=JOB_BODY, responses=ACCEPTED)
def submit(posted: ThePosted, database: TheDatabase, objects: TheObjects, wake_ups: TheWakeUps) -> Response:
    """Queue a job: every field has a default, and the answer shows all of them resolved."""
    job = starting.submit(database, objects, posted.resolved())
    wake_ups.send(job)
    # Relative: a proxy may have /jobs under a path of its own.
    return written(job_answer(job, attempts=()), status.HTTP_202_ACCEPTED, {"Location": f"jobs/{job.id}"})


@router.post("/validate", openapi_extra=JOB_BODY)
def validate(posted: ThePosted) -> ValidatedAnswer:
    """Check a job document without queueing it, and show the network that it describes."""
    return validated(posted.resolved())


@router.get("", responses=LISTED)
def list_jobs(
    request: Request,
    database: TheDatabase,
    asked: TheFilter,
    order: TheOrder,
    fields: TheFields,
    form: Annotated[Literal["json", "csv"], Query(alias="format", description="CSV has a column a value.")] = "json",
    limit: Limit = 20,
    cursor: Cursor = None,
    counts: Annotated[
        bool, Query(description="Says also how many there are of each status, whatever `status` says; not in CSV.")
    ] = False,
) -> Response:
    """The jobs, newest first or as `sort` says; of those that have nothing to sort by, the newest, last."""
    listed = ListOf(asked, order)
    with database.read() as connection:
        page = page_of_jobs(connection, listed, columns_of(fields), limit=limit, cursor=cursor)
        rows = rows_of(database, connection, page.rows, fields)
        numbers = counts_of_jobs(connection, asked) if counts else {}
    headers = next_page(request, page.next)
    if form == "csv":
        return Response(csv_of(rows, csv_columns(fields)), headers=headers, media_type="text/csv")
    counted = {"counts": {str(status): number for status, number in numbers.items()}} if counts else {}
    return written({"jobs": rows, "next": page.next} | counted, headers=headers)


async def _waited(
    request: Request,
    job_id: str,
    answers: TheAnswers,
    live: TheLive,
    wait: Annotated[
        float | None,
        Query(
            gt=0,
            le=LONGEST,
            allow_inf_nan=False,
            description="Answer when the job changes, at the latest after so many seconds: when it is not as "
            "If-None-Match says or, without that, as it was when asked. One that has ended is answered at once.",
        ),
    ] = None,
) -> None:
    if wait is None:
        return
    known = [asked_of(request)] if "if-none-match" in request.headers else []

    def show() -> Shown:
        made = answers.of(job_id)
        if not known:
            known.append(made.tag)
        return Shown(names(known[0], made.tag), made.has_ended)

    await wait_for_change(live, job_id, show, wait)


Waited = Annotated[None, Depends(_waited)]
"""What an answer waits for that is asked for with `wait`."""


@router.get("/{job_id}", responses=ANSWERED)
def look(
    request: Request,
    job_id: str,
    answers: TheAnswers,
    database: TheDatabase,
    objects: TheObjects,
    _waited: Waited,
    reads_all: Annotated[
        bool, Query(alias="verify", description="Read everything that is stored of it, and name what is damaged.")
    ] = False,
) -> Response:
    """A job as it stands."""
    if reads_all:
        job = lookup.get(database, job_id)
        return written(_answer(database, job) | {"verification": verify(Series(job, database, objects))})
    made = answers.of(job_id)
    refuse_known(request, made.tag)
    return Response(made.data, headers={"ETag": made.tag}, media_type="application/json")


@router.patch("/{job_id}", openapi_extra=LABELS_BODY, responses=ANSWERED)
def relabel(
    job_id: str,
    body: TheBody,
    database: TheDatabase,
    if_match: Annotated[
        str | None, Header(description="The ETag of an answer: 412 where name, tags, metadata or retain changed since.")
    ] = None,
) -> Response:
    """Change what a job is called, and whether it is kept, by a JSON merge patch (RFC 7396); the rest is fixed."""
    patch = json_text.read(body)
    job = clients.relabel(database, job_id, lambda labels: labels_of(merged(labels, patch)), revisions_of(if_match))
    return written(_answer(database, job))


@router.post("/{job_id}/cancel", status_code=status.HTTP_202_ACCEPTED, responses=ACCEPTED)
def cancel(job_id: str, database: TheDatabase) -> Response:
    """Cancel a job at once, or ask the worker of a running one to stop."""
    return _accepted(database, clients.ask(database, job_id, "cancel"))


@router.post("/{job_id}/pause", status_code=status.HTTP_202_ACCEPTED, responses=ACCEPTED)
def pause(job_id: str, database: TheDatabase) -> Response:
    """Take a job out of the queue; a running one leaves its worker at a checkpoint."""
    return _accepted(database, clients.ask(database, job_id, "pause"))


@router.post("/{job_id}/resume", status_code=status.HTTP_202_ACCEPTED, responses=ACCEPTED)
def resume(job_id: str, database: TheDatabase, wake_ups: TheWakeUps) -> Response:
    """Queue a paused job again: it goes on at its checkpoint, on whatever worker."""
    job = clients.ask(database, job_id, "resume")
    wake_ups.send(job)
    return _accepted(database, job)


@router.post("/{job_id}/retry", status_code=status.HTTP_202_ACCEPTED, responses=ACCEPTED)
def retry(
    job_id: str,
    database: TheDatabase,
    objects: TheObjects,
    wake_ups: TheWakeUps,
    start: Annotated[
        Literal["checkpoint", "scratch"], Query(alias="from", description="Where the new job begins.")
    ] = "checkpoint",
) -> Response:
    """Queue the document of a job that failed or was cancelled as a new job; while that is open, it is the answer.

    In an experiment it takes that job's place.
    """
    job = retries.retry(database, objects, job_id, from_checkpoint=start == "checkpoint")
    wake_ups.send(job)
    return _accepted(database, job)


@router.delete("/{job_id}", status_code=status.HTTP_204_NO_CONTENT)
def remove(job_id: str, database: TheDatabase, objects: TheObjects) -> None:
    """Delete a job that has ended, with everything that it recorded; 410 from then on."""
    clients.remove(database, objects, job_id)


def _answer(database: Database, job: Job) -> dict[str, Any]:
    return job_answer(job, lookup.attempts_of(database, job.id))


def _accepted(database: Database, job: Job) -> Response:
    return written(_answer(database, job), status.HTTP_202_ACCEPTED)
