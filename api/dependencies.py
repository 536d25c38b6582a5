"""What routes are given: each alias is a thing that the lifespan opened, or one that is made of the request."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from anyio import CapacityLimiter
from fastapi import Depends, Query, Request

from api.experiment_answers import ExperimentAnswers
from api.job_answers import JobAnswers
from api.live.looks import Live
from api.metrics.page import Page
from api.model_files import ModelFiles
from api.predicting.mistakes import Examined
from api.predicting.networks import Networks
from api.sheets import Sheets
from api.wakeups import WakeUps
from jobs.datasets.loading import missing_dataset
from jobs.errors import FieldError, InvalidQuery, InvalidSpec
from jobs.experiments.patches import merged, undecided
from jobs.lifecycle import lookup
from jobs.lifecycle.datasets import known
from jobs.lifecycle.job import Job
from jobs.models.sources import source_of
from jobs.sentences import nearest
from jobs.series.read.reader import Series
from jobs.settings import Settings
from jobs.spec import json_text
from jobs.spec.check import check, resolve, spec_of
from jobs.spec.known import Known
from jobs.spec.resolved import Resolved
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects

ID = "[0-9a-hjkmnp-tv-z]{13}"  # of jobs and experiments, as `jobs.lifecycle.job.new_id` makes them
NO_OPTIONS = (b"", b"{}")  # bodies that ask for nothing
PATTERN = {"pattern": f"^{ID}$"}


@dataclass(frozen=True)
class Opened:
    """What the lifespan opens, for every request; it is `request.state.opened`."""

    settings: Settings
    database: Database
    objects: Objects
    wake_ups: WakeUps
    live: Live
    page: Page
    answers: JobAnswers
    experiments: ExperimentAnswers
    sheets: Sheets
    networks: Networks
    examined: Examined
    model_files: ModelFiles
    judging: CapacityLimiter
    """Held by whoever has a child judge a file: one at a time does."""
    making: CapacityLimiter
    """Held by whoever has a network made into a file: one at a time does, which bounds the memory."""
    arriving: CapacityLimiter
    """Held by whoever takes a body of inputs in, which may be large: a few at once do, which bounds the memory."""
    predicting: CapacityLimiter
    """Held by whoever asks a network, or reads what it is to be asked: one at a time does, which bounds the memory."""


async def _given(request: Request) -> Opened:
    return _opened(request)


def _opened(request: Request) -> Opened:
    opened: Opened = request.state.opened
    return opened


def _part(name: str) -> Any:
    """What the lifespan has opened under that name, for a route that asks for it."""

    async def part(request: Request) -> Any:
        return getattr(_opened(request), name)

    return Depends(part)


TheOpened = Annotated[Opened, Depends(_given)]
TheSettings = Annotated[Settings, _part("settings")]
TheDatabase = Annotated[Database, _part("database")]
TheObjects = Annotated[Objects, _part("objects")]
ThePage = Annotated[Page, _part("page")]
TheLive = Annotated[Live, _part("live")]
TheAnswers = Annotated[JobAnswers, _part("answers")]
TheExperiments = Annotated[ExperimentAnswers, _part("experiments")]
TheWakeUps = Annotated[WakeUps, _part("wake_ups")]


def _job(job_id: str, database: TheDatabase) -> Job:
    return lookup.get(database, job_id)


async def _body(request: Request) -> bytes:
    return await request.body()


TheBody = Annotated[bytes, Depends(_body)]
"""The body, byte for byte."""


def _known_to(opened: Opened) -> Known:
    return known(opened.database, opened.settings, partial(source_of, opened.database, opened.objects))


async def _known(request: Request) -> Known:
    return _known_to(_opened(request))


TheKnown = Annotated[Known, Depends(_known)]
"""What documents may name, and how much they may ask for."""

Like = Annotated[
    str | None,
    Query(
        description="A job's id: the body is a JSON merge patch (RFC 7396) of that job's document.",
        json_schema_extra=PATTERN,
    ),
]


@dataclass(frozen=True)
class Posted:
    """A job document in a body, or what it says otherwise than that of another job."""

    body: bytes
    like: str | None
    known: Known
    database: Database

    def resolved(self) -> Resolved:
        """The document, checked. Raises InvalidSpec, and NotFound where there is no such other job."""
        resolved = check(self.body, self.known) if self.like is None else self._patched(self.like)
        if error := missing_dataset(resolved.dataset, self.known.settings.data):
            raise InvalidSpec((error,))
        return resolved

    def _patched(self, like: str) -> Resolved:
        """That job's document with a patch over it, as a variant of an experiment is made of its base."""
        document, patch = lookup.get(self.database, like).resolved.document, json_text.read(self.body)
        return resolve(spec_of(merged(undecided(document, patch), patch)), self.known)


async def _posted(request: Request, like: Like = None) -> Posted:
    opened = _opened(request)
    return Posted(await request.body(), like, _known_to(opened), opened.database)


ThePosted = Annotated[Posted, Depends(_posted)]
"""The job document in the body, unread: a route reads it in its own thread, without going to another one first."""


TheJob = Annotated[Job, Depends(_job)]
"""The job that the path names; 404 where there is none."""


def _series(job: TheJob, database: TheDatabase, objects: TheObjects) -> Series:
    return Series(job, database, objects)


TheSeries = Annotated[Series, Depends(_series)]
"""What that job records."""


def _unknown(name: str, known: Iterable[str]) -> str:
    near = nearest(name, known)
    return f"unknown parameter; {f'the nearest is {near}; ' if near else ''}there is: {', '.join(known) or 'none'}"


async def refuse_unknown_parameters(request: Request) -> None:
    """An option that would be ignored is an error: a parameter that is not documented, one given twice, or a body."""
    operation = request.app.openapi()["paths"].get(request.scope["route"].path, {}).get(request.method.lower(), {})
    given = request.query_params
    documented = operation.get("parameters", ()) if given else ()
    known = {item["name"]: item["schema"] for item in documented if item["in"] == "query"}
    for name in given:
        if name not in known:
            raise InvalidQuery(name, _unknown(name, known))
        if any("\0" in value for value in given.getlist(name)):
            raise InvalidQuery(name, "has a null character, which no name here has")
        if known[name].get("type") != "array" and len(given.getlist(name)) > 1:
            raise InvalidQuery(name, "given more than once")
    if "requestBody" not in operation and (await request.body()).strip() not in NO_OPTIONS:
        raise InvalidSpec((FieldError("", "this takes no body: what it can be told is in its path and its query"),))
