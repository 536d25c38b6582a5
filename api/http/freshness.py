"""Tags of what jobs have recorded, known before anything of it is read: 304 where nothing has changed since."""

from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Depends, Request

from api.dependencies import TheDatabase
from api.http.lists import TheJobIds
from api.http.tags import refuse_known, tag_of
from jobs.series.answers.several import gone_of
from jobs.series.format.manifest import state, states

VERSION = version("bnlab")


def _tag(job_id: str, request: Request, database: TheDatabase) -> str:
    return fresh(request, state(database, job_id))


def _tag_of_several(job_ids: TheJobIds, request: Request, database: TheDatabase) -> str:
    found = states(database, job_ids)
    gone_of(database, job_ids, found)
    return fresh(request, found)


def fresh(request: Request, known: Any) -> str:
    """The tag of an answer to this request that depends on what is known, and on nothing else. Raises NotModified.

    It is taken before the answer, which so is never older than it.
    """
    tag = tag_of(repr((VERSION, request.url.path, request.url.query, known)).encode())
    refuse_known(request, tag)
    return tag


TheTag = Annotated[str, Depends(_tag)]
"""The entity tag of what a job has recorded, asked for in this way; 304 where the client has that."""

TheTagOfSeveral = Annotated[str, Depends(_tag_of_several)]
"""The same of several jobs; 404 where one never was, 410 where all were deleted."""
