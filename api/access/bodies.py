"""What the body of a request may be: JSON that is not packed, and not too much of it."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

MAX_BODY = 1024 * 1024  # bytes

JSON = "application/json"
BODIES = {"PATCH": (JSON, "application/merge-patch+json")}
"""What bodies may be called, of methods that take more than JSON by that name."""


def json_body(request: Request) -> None:
    """What a form can send without asking is refused, and what curl sends when -d is taken for JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if _has_body(request) and kind not in BODIES.get(request.method, (JSON,)):
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"the body is '{kind}', not application/json; with curl, use curl --json '...'",
        )
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.strip().lower() != "identity":
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"the body is encoded as '{encoding}': send it as it is, without Content-Encoding",
            {"Accept-Encoding": "identity"},
        )


def short_body(request: Request) -> None:
    """What announces more than the limit is refused before any of it is read."""
    if int(request.headers.get("content-length", 0)) > MAX_BODY:
        raise _too_large()


def limited(receive: Receive) -> Receive:
    """The same messages, until the body is over the limit: its announced length may be missing."""
    size = 0

    async def receive_some() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise _too_large()
        return message

    return receive_some


def _too_large() -> HTTPException:
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is over the limit of {MAX_BODY} bytes")


def _has_body(request: Request) -> bool:
    return "transfer-encoding" in request.headers or int(request.headers.get("content-length", 0)) > 0
