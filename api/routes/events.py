"""What a job went through: moves between statuses, checkpoints, resumptions, warnings, errors, and what was printed."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import TheDatabase
from api.schemas.events import EventAnswer, EventPage
from jobs.lifecycle import history
from jobs.lifecycle.events import Level, Type

LARGEST = 2**31 - 1  # number of an event

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("/{job_id}/events")
def events(
    job_id: str,
    database: TheDatabase,
    after: Annotated[int, Query(ge=0, le=LARGEST, description="Only events with a greater number.")] = 0,
    level: Annotated[Level, Query(description="Only events of at least this level.")] = "info",
    only: Annotated[Type | None, Query(alias="type", description="Only events of this type.")] = None,
    limit: Annotated[int, Query(ge=1, le=history.MOST, description="At most so many.")] = 100,
) -> EventPage:
    """What happened to a job, the oldest first; the same comes as `log` in its stream."""
    page = history.page(database, job_id, after=after, limit=limit, level=level, only=only)
    return EventPage(events=tuple(EventAnswer(**vars(told)) for told in page.events), next=page.next)
