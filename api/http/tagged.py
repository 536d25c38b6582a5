"""Entity tags of jobs: the first part is the revision of a job's labels, the second of all that is shown.

So a change of the labels of a job that runs can be guarded by what a client has seen of them, though the job goes on.
"""

import hashlib
import re
from typing import Any

from fastapi import Request, Response

from api.http.freshness import NotModified, names
from api.http.written import as_json

_TAG = re.compile(r'(?:W/)?"([0-9]{1,15})-[0-9a-f]+"')


def tagged(request: Request, answer: dict[str, Any], revision: int) -> Response:
    """The answer with its tag; 304 where the client has it."""
    data = as_json(answer)
    tag = tag_of(data, revision)
    if names(", ".join(request.headers.getlist("if-none-match")), tag):
        raise NotModified(tag)
    return Response(data, media_type="application/json", headers={"ETag": tag})


def tag_of(data: bytes, revision: int) -> str:
    """Weak, for an answer may be compressed or not."""
    return f'W/"{revision}-{hashlib.sha256(data).hexdigest()[:24]}"'


def revisions_of(if_match: str | None) -> frozenset[int] | None:
    """The revisions that an If-Match names; None: any will do.

    >>> revisions_of('W/"3-0a1b", "5-0a1b"') == {3, 5}, revisions_of("*"), revisions_of('"of another server"')
    (True, None, frozenset())
    """
    if if_match is None or if_match.strip() == "*":
        return None
    return frozenset(map(int, _TAG.findall(if_match)))
