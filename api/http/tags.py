"""Entity tags of answers, all of them weak, for one may be compressed or not; and 304 for who has the answer already.

The first part of a job's tag is the revision of its labels, the second of all that is shown. So a change of the labels
of a job that runs can be guarded by what a client has seen of them, though the job goes on.
"""

import hashlib
import re

from fastapi import Request, Response

OPAQUE = re.compile(r'"[^"]*"')  # what a tag is but for its W/
_OF_JOB = re.compile(r'(?:W/)?"([0-9]{1,15})-[0-9a-f]+"')


class NotModified(Exception):
    """The client has this answer, as its `If-None-Match` says."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        super().__init__(tag)


async def not_modified(_request: Request, error: Exception) -> Response:
    """The answer to who has it already."""
    assert isinstance(error, NotModified)
    return Response(status_code=304, headers={"ETag": error.tag})


def tag_of(data: bytes, revision: int | None = None) -> str:
    """The tag of these bytes; of a job's answer, with the revision of its labels."""
    digest = hashlib.sha256(data).hexdigest()[:32]
    return f'W/"{digest}"' if revision is None else f'W/"{revision}-{digest}"'


def refuse_known(request: Request, tag: str) -> None:
    """Raise NotModified where the client has the answer of that tag."""
    if names(asked_of(request), tag):
        raise NotModified(tag)


def asked_of(request: Request) -> str:
    """All that a request says as If-None-Match."""
    return ", ".join(request.headers.getlist("if-none-match"))


def names(header: str, tag: str) -> bool:
    """Whether an If-None-Match has the tag: compared weakly, whether or not either is called weak (RFC 9110, 13.1.2).

    >>> names('"a", W/"b"', 'W/"a"'), names('"a, b"', 'W/"b"'), names("*", 'W/"a"'), names("", 'W/"a"')
    (True, False, True, False)
    """
    return header.strip() == "*" or tag.removeprefix("W/") in OPAQUE.findall(header)


def revisions_of(if_match: str | None) -> frozenset[int] | None:
    """The revisions that an If-Match names; None: any will do.

    >>> revisions_of('W/"3-0a1b", "5-0a1b"') == {3, 5}, revisions_of("*"), revisions_of('"of another server"')
    (True, None, frozenset())
    """
    if if_match is None or if_match.strip() == "*":
        return None
    return frozenset(map(int, _OF_JOB.findall(if_match)))
