"""Waits for a job to be another than a client knows: at the looks that streams wait for too."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from api.live.looks import Live
from jobs.series.answers.live import Glance

LONGEST = 60.0  # seconds


@dataclass(frozen=True)
class Shown:
    """A job as it would be answered: whether a client knows that, and whether nothing more will happen to it."""

    is_known: bool
    has_ended: bool


async def wait_for_change(live: Live, job_id: str, show: Callable[[], Shown], seconds: float) -> None:
    """Return once a job is not as a client knows it, has ended or is gone; at the latest after so many seconds.

    show: looks at the job as it is; what it raises is raised here.
    """
    last: Glance | None = None
    with live.watching((job_id,)):
        try:
            async with asyncio.timeout(seconds):
                while await _is_as_known(show):
                    last = await _next(live, job_id, last)
                    if last is None:
                        return
        except TimeoutError:
            return


async def _is_as_known(show: Callable[[], Shown]) -> bool:
    shown = await run_in_threadpool(show)
    return shown.is_known and not shown.has_ended


async def _next(live: Live, job_id: str, last: Glance | None) -> Glance | None:
    """What the first look finds that finds something else; None: the job is gone."""
    while True:
        found = await live.next()
        if job_id in found and found[job_id] != last:  # it is not in a look that began before we waited
            return found[job_id]
