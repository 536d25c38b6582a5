"""What a client says that the digest of its body is (RFC 9530)."""

import re
from base64 import b64decode
from binascii import Error
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Header

from api.errors import Refusal

_MEMBER = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):")  # of a dictionary, a sequence of bytes
SIZE = 32  # bytes of a SHA-256


def sha256_in(header: str) -> str | None:
    """The SHA-256 that a Repr-Digest names, in hexadecimal digits; other algorithms are left to others.

    Raises Refusal where it is no dictionary of digests.

    >>> sha256_in("md5=:1B2M2Y8AsgTpgAmy7PhCfg==:") is None
    True
    """
    found = None
    for member in header.split(","):
        match = _MEMBER.fullmatch(member.strip())
        digest = _bytes(match[2]) if match else None
        if match is None or digest is None or (match[1] == "sha-256" and len(digest) != SIZE):
            told = f"'{member.strip()[:80]}' is no digest: one such is sha-256=:BASE64:"
            raise Refusal(HTTPStatus.BAD_REQUEST, "bad_digest", told)
        if match[1] == "sha-256":
            found = digest.hex()
    return found


def _bytes(text: str) -> bytes | None:
    try:
        return b64decode(text, validate=True)
    except Error:
        return None


async def _announced(
    repr_digest: Annotated[
        str | None, Header(description="The file's digest, sha-256=:BASE64:, which what arrives has to have.")
    ] = None,
) -> str | None:
    return None if repr_digest is None else sha256_in(repr_digest)


TheDigest = Annotated[str | None, Depends(_announced)]
"""The SHA-256 that the body is to have, if it was said; 400 where what was said is no digest."""
