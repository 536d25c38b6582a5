"""Server-sent events of jobs: what each client has seen, and what it is told next. At most one event a job and look."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from api.live.looks import LOOK, Live
from api.values import progress
from jobs.errors import BnlabError, InvalidQuery, NotFound
from jobs.lifecycle.job import TERMINAL, Job, Status
from jobs.logs import about
from jobs.series.answers.live import NOTHING, Glance, kept_by
from jobs.storage.database import Database

log = logging.getLogger(__name__)

NOTHING_NEW = b": nothing new\n\n"
ID = re.compile(r"([^:]*):([0-9]{1,15})?:([0-9]{1,15})?(?::([0-9]{1,9}))?")  # job, attempt, step, and event
QUIET = 1.0  # seconds after which a stream without news says that it is there


@dataclass(frozen=True)
class Seen:
    """What a client has been told of a job."""

    attempt: int | None = None  # None: nothing
    watermark: int = NOTHING
    status: Status | None = None
    checkpoint: int | None = None
    step: int | None = None
    event: int = 0  # the number of the last one


def next_event(seen: Seen, now: Glance) -> str | None:
    """What a client is to be told first: what it must forget, then rows, then the rest, and the end last of all."""
    job = now.job
    if seen.watermark > NOTHING and (job.attempt != seen.attempt or seen.watermark > now.watermark):
        return "reset"
    if now.watermark > seen.watermark:
        return "rows"
    if job.status != seen.status:
        return "status"
    if now.checkpoint not in (None, seen.checkpoint):
        return "checkpoint"
    if now.event > seen.event:
        return "log"
    if job.step != seen.step:
        return "progress"
    return "end" if job.status in TERMINAL else None


def last_seen(job_ids: tuple[str, ...], last_event_id: str) -> dict[str, Seen]:
    """What a client had when its stream broke off, as the id of its last event says. Raises InvalidQuery.

    >>> found = last_seen(("a", "b"), "a:2:700:31,b:::4")
    >>> (found["a"].attempt, found["a"].watermark, found["a"].event), found["b"].event
    ((2, 700, 31), 4)
    """
    found = dict.fromkeys(job_ids, Seen())
    for part in filter(None, last_event_id.split(",")):
        named = ID.fullmatch(part)
        if named is None or named[1] not in found:
            raise InvalidQuery("Last-Event-ID", f"'{part[:80]}' is no id of an event of this stream: leave it out")
        attempt, watermark, event = (None if number is None else int(number) for number in named.groups()[1:])
        found[named[1]] = Seen(attempt, NOTHING if watermark is None else watermark, event=event or 0)
    return found


async def events(live: Live, database: Database, seen: dict[str, Seen], names: tuple[str, ...]) -> AsyncIterator[bytes]:
    """What happens to these jobs from now on, until each has ended or is gone; a reader that is slow misses looks."""
    open_ids, silent = list(seen), 0
    yield b"retry: 1000\n\n"
    with live.watching(tuple(seen)):
        while open_ids:
            try:
                async with asyncio.timeout(QUIET):
                    glances = await live.next()
            except TimeoutError:  # the database is away
                yield NOTHING_NEW
                continue
            silent += 1
            for job_id in [job_id for job_id in open_ids if job_id in glances]:
                try:
                    told = await _event(live, database, job_id, seen[job_id], glances[job_id], names)
                except SQLAlchemyError as error:  # what is not told now is told after a look that succeeds
                    log.warning("a stream waits for the database: %s", error, extra=about("stream_waits", job=job_id))
                    continue
                kind, data, seen[job_id] = told
                if kind is None:
                    continue
                yield b"id: %s\nevent: %s\ndata: %s\n\n" % (_id(seen), kind.encode(), data)
                silent = 0
                if kind == "end":
                    open_ids.remove(job_id)
            if silent * LOOK >= QUIET:
                yield NOTHING_NEW
                silent = 0


TOLD: dict[str, Callable[[Glance], tuple[dict[str, Any], dict[str, Any]]]] = {
    "status": lambda now: ({"status": now.job.status, "error": _error(now.job)}, {"status": now.job.status}),
    "checkpoint": lambda now: ({"step": now.checkpoint}, {"checkpoint": now.checkpoint}),
    "progress": lambda now: (_progress(now.job), {"step": now.job.step}),
    "end": lambda now: ({"status": now.job.status}, {}),
}
"""What an event says of a job as it stands, and what is seen by it."""


async def _event(
    live: Live, database: Database, job_id: str, seen: Seen, now: Glance | None, names: tuple[str, ...]
) -> tuple[str | None, bytes, Seen]:
    """An event's name, its data, and what is then seen."""
    if now is None:
        return "end", _json(job_id, {"status": "deleted"}), seen
    attempt, kind = now.job.attempt, next_event(seen, now)
    if kind == "reset":
        kept = await run_in_threadpool(kept_by, database, job_id, seen.attempt or 0)
        kept = min(kept if attempt != seen.attempt else now.watermark, seen.watermark)
        return kind, _json(job_id, {"attempt": attempt, "step": kept}), Seen(attempt, kept, event=seen.event)
    seen = replace(seen, attempt=attempt)
    if kind == "rows":
        try:
            rows, data = await live.rows(now.job, names, seen.watermark)
        except BnlabError as refusal:  # deleted since the look, or damaged: the stream says so and is over
            return "end", _json(job_id, {"status": now.job.status, "error": str(refusal)}), seen
        if rows["attempt"] != attempt:
            return None, b"", seen  # the next look has it
        return kind, data, replace(seen, watermark=rows["watermark"])
    if kind == "log":
        try:
            number, data = await live.log(job_id, seen.event)
        except NotFound:
            return None, b"", seen  # deleted since: the next look says so
        return kind, data, replace(seen, event=number)
    if kind is None:
        return None, b"", seen
    told, change = TOLD[kind](now)
    return kind, _json(job_id, told), replace(seen, **change)


def _progress(job: Job) -> dict[str, Any]:
    return progress(job.status, job.step, job.steps, job.steps_per_second)


def _error(job: Job) -> dict[str, str] | None:
    return {"code": job.error.code, "message": job.error.message} if job.error else None


def _id(seen: Mapping[str, Seen]) -> bytes:
    """For `last_seen`."""
    return ",".join(f"{job_id}:{_numbers(each)}" for job_id, each in seen.items() if each != Seen()).encode()


def _numbers(seen: Seen) -> str:
    rows = f"{seen.attempt}:{seen.watermark}" if seen.watermark > NOTHING else ":"
    return f"{rows}:{seen.event}"


def _json(job_id: str, told: dict[str, Any]) -> bytes:
    return orjson.dumps({"job": job_id, **told})
