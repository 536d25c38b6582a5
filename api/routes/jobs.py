"""Submit, look at and list jobs, and the verbs: cancel, pause, resume, retry, delete."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response, status

from api.answers import job_answer, job_page, validated
from api.dependencies import TheBefore, TheDatabase, TheJob, TheObjects, ThePart, TheResolved, TheSeries, TheWakeUps
from api.openapi import JOB_BODY
from api.schemas.jobs import JobAnswer, JobPage, ValidatedAnswer, VerdictAnswer
from jobs.lifecycle import clients, lookup, retries
from jobs.lifecycle.job import Status
from jobs.series.answers.verification import verify

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.post("", status_code=status.HTTP_202_ACCEPTED, openapi_extra=JOB_BODY)
def submit(resolved: TheResolved, database: TheDatabase, wake_ups: TheWakeUps, response: Response) -> JobAnswer:
    """Queue a job: every field has a default, and the answer shows all of them resolved."""
    job = clients.submit(database, resolved)
    wake_ups.send(job)
    response.headers["Location"] = f"jobs/{job.id}"  # relative: a proxy may have /jobs under a path of its own
    return job_answer(job, attempts=())


@router.post("/validate", openapi_extra=JOB_BODY)
def validate(resolved: TheResolved) -> ValidatedAnswer:
    """Check a job document without queueing it, and show the network that it describes."""
    return validated(resolved)


@router.get("")
def list_jobs(
    database: TheDatabase,
    before: TheBefore,
    part: ThePart,
    state: Annotated[Status | None, Query(alias="status", description="Only jobs that stand there.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> JobPage:
    """The jobs, newest first."""
    found = lookup.list_jobs(database, status=state, limit=limit + 1, before=before, part=part)
    return job_page(found, limit)


@router.get("/{job_id}")
def look(job: TheJob, database: TheDatabase) -> JobAnswer:
    """A job as it stands."""
    return job_answer(job, lookup.attempts_of(database, job.id))


@router.get("/{job_id}/verify")
def check_stored(series: TheSeries) -> VerdictAnswer:
    """Read everything that is stored of a job, and name what is not as it was written."""
    return VerdictAnswer.model_validate(verify(series))


@router.post("/{job_id}/cancel", status_code=status.HTTP_202_ACCEPTED)
def cancel(job_id: str, database: TheDatabase) -> JobAnswer:
    """Cancel a job at once, or ask the worker of a running one to stop."""
    return job_answer(clients.ask(database, job_id, "cancel"), lookup.attempts_of(database, job_id))


@router.post("/{job_id}/pause", status_code=status.HTTP_202_ACCEPTED)
def pause(job_id: str, database: TheDatabase) -> JobAnswer:
    """Take a job out of the queue; a running one leaves its worker at a checkpoint."""
    return job_answer(clients.ask(database, job_id, "pause"), lookup.attempts_of(database, job_id))


@router.post("/{job_id}/resume", status_code=status.HTTP_202_ACCEPTED)
def resume(job_id: str, database: TheDatabase, wake_ups: TheWakeUps) -> JobAnswer:
    """Queue a paused job again: it goes on at its checkpoint, on whatever worker."""
    job = clients.ask(database, job_id, "resume")
    wake_ups.send(job)
    return job_answer(job, lookup.attempts_of(database, job_id))


@router.post("/{job_id}/retry", status_code=status.HTTP_202_ACCEPTED)
def retry(
    job_id: str,
    database: TheDatabase,
    objects: TheObjects,
    wake_ups: TheWakeUps,
    start: Annotated[
        Literal["checkpoint", "scratch"], Query(alias="from", description="Where the new job begins.")
    ] = "checkpoint",
) -> JobAnswer:
    """Queue the document of a job that failed or was cancelled as a new job; while that is open, it is the answer.

    In an experiment it takes that job's place.
    """
    job = retries.retry(database, objects, job_id, from_checkpoint=start == "checkpoint")
    wake_ups.send(job)
    return job_answer(job, lookup.attempts_of(database, job.id))


@router.delete("/{job_id}", status_code=status.HTTP_204_NO_CONTENT)
def remove(job_id: str, database: TheDatabase, objects: TheObjects) -> None:
    """Delete a job that has ended, with everything that it recorded; 410 from then on."""
    clients.remove(database, objects, job_id)
