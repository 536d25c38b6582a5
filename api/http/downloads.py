"""Files to download: whole or a part (RFC 9110, 14), under a strong entity tag, and with their digest (RFC 9530)."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response

from api.errors import Refusal
from api.http.tags import refuse_known

BYTES, ZIP = "application/octet-stream", "application/zip"
"""Media types of files; what is one is never compressed on its way, for its digest and parts are those of its bytes."""

_ONE_RANGE = re.compile(r"bytes=\s*([0-9]{0,99})-([0-9]{0,99})\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """What a client has, and which part it would like."""

    request: Request
    part: str
    """Empty: all."""
    of: str | None
    """The entity tag of the file that it would like a part of; None: of any."""


async def _asked(
    request: Request,
    part: Annotated[
        str, Header(alias="Range", description="Only bytes=FIRST-LAST, bytes=FIRST- or bytes=-LENGTH.")
    ] = "",
    of: Annotated[
        str | None, Header(alias="If-Range", description="The tag of what is to be in parts; another file is whole.")
    ] = None,
) -> Asked:
    return Asked(request, part, of)


TheAsked = Annotated[Asked, Depends(_asked)]


def download(asked: Asked, data: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """The file, or the part of it that is asked for, where that is one.

    Raises NotModified where the client has it, and Refusal where the part begins behind its end.
    """
    digest = hashlib.sha256(data).digest()
    tag = f'"{digest.hex()}"'
    refuse_known(asked.request, tag)
    headers = {
        **headers,
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Repr-Digest": f"sha-256=:{b64encode(digest).decode()}:",
        "X-Content-Type-Options": "nosniff",
    }
    part = part_of(asked.part, len(data)) if asked.of in (None, tag) else None
    if part is None:
        return Response(data, headers=headers, media_type=media_type)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
    return Response(data[part.start : part.stop], HTTPStatus.PARTIAL_CONTENT, headers, media_type)


def part_of(asked: str, size: int) -> range | None:
    """The bytes that a Range names of a file; None: all, as it names several parts, or is none that we know.

    Raises Refusal where there is none of those bytes.

    >>> part_of("bytes=2-4", 10), part_of("bytes=8-", 10), part_of("bytes=-3", 10), part_of("bytes=5-99", 10)
    (range(2, 5), range(8, 10), range(7, 10), range(5, 10))
    >>> part_of("bytes=4-2", 10), part_of("bytes=0-1,4-5", 10), part_of("bytes=-", 10), part_of("", 10)
    (None, None, None, None)
    """
    match = _ONE_RANGE.fullmatch(asked)
    if match is None or match.groups() == ("", ""):
        return None
    if not match[1]:
        part = range(max(size - int(match[2]), 0), size)
    else:
        first = int(match[1])
        last = min(int(match[2] or size), size - 1)
        if match[2] and int(match[2]) < first:
            return None
        part = range(first, last + 1)
    if not part:
        told = f"there is nothing of this part: the file has {size} bytes"
        raise Refusal(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "no_such_part", told, {"Content-Range": f"bytes */{size}"}
        )
    return part


def documented(*media_types: str, headers: Mapping[str, str]) -> dict[int | str, dict[str, Any]]:
    """The answers of a route to download from; `headers`: what its own say."""
    said = {
        **headers,
        "Content-Disposition": "What the file is called.",
        "ETag": "Strong: of the whole file, as it is.",
        "Repr-Digest": "The SHA-256 of the whole file (RFC 9530).",
    }
    answer = {
        "content": {media: {"schema": {"type": "string", "format": "binary"}} for media in media_types},
        "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in said.items()},
    }
    return {200: {"description": "The file.", **answer}, 206: {"description": "The part that Range names.", **answer}}
