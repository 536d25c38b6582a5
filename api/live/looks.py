"""What streams wait for: one look at the database, four times a second, for all of them together."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from api.schemas.events import EventAnswer
from jobs.lifecycle import history
from jobs.lifecycle.job import Job, Status
from jobs.logs import about
from jobs.series.answers.live import WATCHED, Glance, glances, look_on, rows_after
from jobs.series.read.reader import Series
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects

LOOK = 0.25  # seconds between two looks
LOGGED = 200  # events that are told at once, the most

log = logging.getLogger(__name__)


class Live:
    """The jobs that somebody looks on, as they stood at the last look; rows are read once for all who want the same."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database, self._objects = database, objects
        self._watched: Counter[str] = Counter()
        self._glances: dict[str, Glance | None] = {}
        self._looked = asyncio.Event()  # of the look that comes next
        self._said = 0.0  # when the running ones were last said to be watched
        self.trouble: str | None = None  # what went wrong in the last look that nobody foresaw
        self._rows: dict[tuple[str, tuple[str, ...], int], asyncio.Task[tuple[dict[str, Any], bytes]]] = {}
        self._logs: dict[tuple[str, int], asyncio.Task[tuple[int, bytes]]] = {}

    async def run(self) -> None:
        """Look, until cancelled, whatever a look meets: the streams wait for one that succeeds."""
        while True:
            await asyncio.sleep(LOOK)
            if not self._watched:
                self.trouble = None  # of whom it kept waiting, nobody is left
                continue
            try:
                await self._look(tuple(self._watched))
                self.trouble = None
            except SQLAlchemyError as error:
                log.warning("streams wait for the database: %s", error, extra=about("look_waits"))
            except Exception as error:
                self.trouble = f"their last look failed: {type(error).__name__}"
                log.exception("a look for the streams came to grief", extra=about("look_failed"))

    async def _look(self, job_ids: tuple[str, ...]) -> None:
        found = await run_in_threadpool(glances, self._database, job_ids)
        running = [job_id for job_id, glance in found.items() if glance.job.status is Status.RUNNING]
        if running and time.monotonic() - self._said > WATCHED / 2:
            await run_in_threadpool(look_on, self._database, running)
            self._said = time.monotonic()
        self._glances, self._rows, self._logs = {job_id: found.get(job_id) for job_id in job_ids}, {}, {}
        looked, self._looked = self._looked, asyncio.Event()
        looked.set()

    @contextmanager
    def watching(self, job_ids: tuple[str, ...]) -> Iterator[None]:
        """Have these jobs looked at."""
        self._watched.update(job_ids)
        try:
            yield
        finally:
            self._watched.subtract(job_ids)
            self._watched = +self._watched

    async def next(self) -> Mapping[str, Glance | None]:
        """What the next look finds of each job that it is for: None where the job is gone."""
        await self._looked.wait()
        return self._glances

    async def rows(self, job: Job, names: tuple[str, ...], after: int) -> tuple[dict[str, Any], bytes]:
        """What is new of a job, and the same as JSON. Raises NotFound, InvalidQuery, DamagedObject."""
        key = (job.id, names, after)
        if key not in self._rows:
            self._rows[key] = asyncio.create_task(run_in_threadpool(self._read, job, names, after))
        return await asyncio.shield(self._rows[key])

    async def log(self, job_id: str, after: int) -> tuple[int, bytes]:
        """The events of a job past a number as JSON, and the last one's number. Raises NotFound."""
        key = (job_id, after)
        if key not in self._logs:
            self._logs[key] = asyncio.create_task(run_in_threadpool(self._read_log, job_id, after))
        return await asyncio.shield(self._logs[key])

    def _read_log(self, job_id: str, after: int) -> tuple[int, bytes]:
        told = history.page(self._database, job_id, after=after, limit=LOGGED).events
        events = [EventAnswer(**vars(each)).model_dump(mode="json") for each in told]
        return told[-1].number if told else after, orjson.dumps({"job": job_id, "events": events})

    def _read(self, job: Job, names: tuple[str, ...], after: int) -> tuple[dict[str, Any], bytes]:
        rows = rows_after(Series(job, self._database, self._objects), names, after)
        return rows, orjson.dumps(rows, option=orjson.OPT_SERIALIZE_NUMPY)
