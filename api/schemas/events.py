"""Answers on what a job went through."""

from datetime import datetime
from typing import Any

from api.schemas.jobs import Answer
from jobs.lifecycle.events import Level, Type


class EventAnswer(Answer):
    """Something that happened to a job."""

    number: int
    """Of the job's events; they rise, and where older ones were deleted, some are missing."""
    time: datetime
    type: Type
    level: Level
    attempt: int | None
    """The number of the attempt that it happened to; null: to none."""
    by: str
    """Who had it done: `client`, or `worker` and its id."""
    message: str
    """For people; of `output` what was printed."""
    data: dict[str, Any]
    """For programs: by type, such as `step` and `bytes` of a checkpoint."""


class EventPage(Answer):
    """Some of a job's events, the oldest first."""

    events: tuple[EventAnswer, ...]
    next: int | None
    """The `after` that gives the next page; null: there are no more so far."""
