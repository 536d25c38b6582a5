"""Files to download: whole or a part (RFC 9110, 14), under a strong entity tag, and with their digest (RFC 9530)."""

import re
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.responses import StreamingResponse

from api.errors import Refusal
from api.http.tags import refuse_known

BYTES, ZIP = "application/octet-stream", "application/zip"
"""Media types of files; what is one is never compressed on its way, for its digest and parts are those of its bytes."""

PIECE = 256 * 1024  # bytes that are sent at once

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


@dataclass(frozen=True, eq=False)
class File:
    """What is downloaded."""

    data: bytes
    sha256: bytes


def download(asked: Asked, file: File, media_type: str, headers: Mapping[str, str]) -> Response:
    """The file, or the part of it that is asked for, where that is one.

    Raises NotModified where the client has it, and Refusal where the part begins behind its end.
    """
    tag, size = f'"{file.sha256.hex()}"', len(file.data)
    refuse_known(asked.request, tag)
    headers = {
        **headers,
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Repr-Digest": f"sha-256=:{b64encode(file.sha256).decode()}:",
        "X-Content-Type-Options": "nosniff",
    }
    part, code = part_of(asked.part, size) if asked.of in (None, tag) else None, HTTPStatus.OK
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
        code = HTTPStatus.PARTIAL_CONTENT
    part = part or range(size)
    headers["Content-Length"] = str(len(part))
    return StreamingResponse(_pieces(file.data, part), code, headers, media_type)


async def _pieces(data: bytes, part: range) -> AsyncIterator[bytes]:
    """The part, in pieces: who reads slowly keeps no copy of it here."""
    for start in range(part.start, part.stop, PIECE):
        yield data[start : min(start + PIECE, part.stop)]


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
