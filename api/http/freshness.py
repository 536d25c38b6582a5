"""Answers that a client has already: an entity tag for each, and 304 where nothing has changed since."""

import hashlib
import re
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from api.dependencies import TheDatabase
from api.http.lists import TheJobIds
from jobs.series.answers.several import gone_of
from jobs.series.format.manifest import state, states

VERSION = version("bnlab")
OPAQUE = re.compile(r'"[^"]*"')  # what a tag is but for its W/


class NotModified(Exception):
    """The client has this answer, as its `If-None-Match` says."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        super().__init__(tag)


async def not_modified(_request: Request, error: Exception) -> Response:
    """The answer to who has it already."""
    assert isinstance(error, NotModified)
    return Response(status_code=304, headers={"ETag": error.tag})


def _tag(job_id: str, request: Request, database: TheDatabase) -> str:
    return _fresh(request, state(database, job_id))


def _tag_of_several(job_ids: TheJobIds, request: Request, database: TheDatabase) -> str:
    found = states(database, job_ids)
    gone_of(database, job_ids, found)
    return _fresh(request, found)


def _fresh(request: Request, known: Any) -> str:
    """Weak, for an answer may be compressed or not. It is taken before the answer, which so is never older than it."""
    said = repr((VERSION, request.url.path, request.url.query, known))
    tag = f'W/"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'
    if names(", ".join(request.headers.getlist("if-none-match")), tag):
        raise NotModified(tag)
    return tag


def names(header: str, tag: str) -> bool:
    """Whether an If-None-Match has the tag: compared weakly, whether or not either is called weak (RFC 9110, 13.1.2).

    >>> names('"a", W/"b"', 'W/"a"'), names('"a, b"', 'W/"b"'), names("*", 'W/"a"'), names("", 'W/"a"')
    (True, False, True, False)
    """
    return header.strip() == "*" or tag.removeprefix("W/") in OPAQUE.findall(header)


TheTag = Annotated[str, Depends(_tag)]
"""The entity tag of what a job has recorded, asked for in this way; 304 where the client has that."""

TheTagOfSeveral = Annotated[str, Depends(_tag_of_several)]
"""The same of several jobs; 404 where one never was, 410 where all were deleted."""
