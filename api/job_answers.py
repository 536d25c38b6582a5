"""Answers about jobs, each made once for as long as nothing of it changes, however many ask for it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from api.answers import job_answer
from api.http.tags import tag_of
from api.http.written import as_json
from jobs.lifecycle.job import TERMINAL, Status
from jobs.lifecycle.lookup import EXPERIMENT, attempts_within, get_within, not_there, shown
from jobs.storage import tables, waiting
from jobs.storage.database import Database

MOST = 1000  # answers that are kept: some 6 MB

_JOBS = tables.jobs.c
_STATE = select(_JOBS.version, _JOBS.status, EXPERIMENT).where(_JOBS.id == bindparam("job_id"))
"""What an answer is a function of, where the job is not queued: each write of its row is another version."""


@dataclass(frozen=True)
class Made:
    """An answer as it is sent, with its entity tag."""

    state: tuple[Any, ...]
    data: bytes
    tag: str
    has_ended: bool


class JobAnswers:
    """The answers of one process. What a queued job waits for is of the moment: its answer is made anew each time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._made: dict[str, Made] = {}

    def of(self, job_id: str) -> Made:
        """The answer about a job as it stands. Raises NotFound."""
        with self._database.read() as connection:
            row = connection.execute(_STATE, {"job_id": job_id}).one_or_none()
            if row is None:
                raise not_there(connection, job_id)
            status = Status(row.status)
            stands = waiting.reason_of(self._database, job_id) if status is Status.RUNNING else None
            state, known = (*row, stands), self._made.get(job_id)
            if known is not None and known.state == state and status is not Status.QUEUED:
                return known
            job = shown(self._database, connection, get_within(connection, job_id))
            data = as_json(job_answer(job, attempts_within(connection, job_id)))
        made = Made(state, data, tag_of(data, job.revision), job.status in TERMINAL)
        if len(self._made) >= MOST:
            self._made.clear()
        self._made[job_id] = made
        return made
