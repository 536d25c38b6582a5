"""What the body of a request may be: JSON that is not packed, and not too much of it; a dataset's file; or inputs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

from api.errors import Refusal

MAX_BODY = 1024 * 1024  # bytes

JSON = "application/json"
KINDS = {"PATCH": (JSON, "application/merge-patch+json")}
"""What bodies may be called, of methods that take more than JSON by that name."""

DATASETS = "/datasets/"
FILES = (
    *("application/octet-stream", "application/zip", "application/x-zip-compressed", "application/gzip", "text/csv"),
    *("application/vnd.apache.parquet", "application/x-parquet", "application/x-npy"),
)
"""What a dataset's file may be called, if it is called anything; its bytes say what it is. A form sends none of these,
and what it sends would be taken apart before anybody has asked who it is from."""


PREDICT = re.compile("/jobs/[^/]+/predict")
MAX_INPUTS = 16 * 1024 * 1024  # bytes of what a network is asked about
PICTURES, NPY = ("image/png", "image/jpeg"), "application/x-npy"


@dataclass(frozen=True)
class Allowed:
    """What the body of a request may be."""

    kinds: tuple[str, ...]
    most: int  # bytes
    wrong_kind: Callable[[str], HTTPException]
    """What to raise where it is of another kind."""
    is_file: bool = False


def allowed(method: str, path: str, max_upload: int) -> Allowed:
    """What may be sent with a method to a path.

    >>> allowed("PUT", "/datasets/letters", max_upload=10).most, allowed("POST", "/jobs", max_upload=10).kinds
    (10, ('application/json',))
    """
    if method == "PUT" and path.startswith(DATASETS):
        return Allowed(("", *FILES), max_upload, _not_a_file, is_file=True)
    if method == "POST" and PREDICT.fullmatch(path):
        return Allowed((JSON, *PICTURES, NPY), MAX_INPUTS, _not_inputs)
    return Allowed(KINDS.get(method, (JSON,)), MAX_BODY, _not_json)


def kind_of(request: Request) -> str:
    """What the request says that its body is, in small letters and without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def refuse_kind(request: Request, body: Allowed) -> None:
    """What a form can send without asking is refused, and what curl sends when -d is taken for JSON."""
    kind = kind_of(request)
    if _has_body(request) and kind not in body.kinds:
        raise body.wrong_kind(kind)
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.strip().lower() != "identity":
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"the body is encoded as '{encoding}': send it as it is, without Content-Encoding",
            {"Accept-Encoding": "identity"},
        )


def refuse_length(request: Request, body: Allowed) -> None:
    """What announces more than the limit is refused before any of it is read, and a file that announces nothing."""
    length = request.headers.get("content-length")
    if body.is_file and length is None:
        told = "say how long the file is with Content-Length, as 'curl -T FILE' does"
        raise HTTPException(HTTPStatus.LENGTH_REQUIRED, told)
    if int(length or 0) > body.most:
        raise _too_large(body)


def limited(receive: Receive, body: Allowed) -> Receive:
    """The same messages, until the body is over the limit: its announced length may be missing."""
    size = 0

    async def receive_some() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > body.most:
            raise _too_large(body)
        return message

    return receive_some


def _too_large(body: Allowed) -> HTTPException:
    limit = f"{body.most} bytes, which BNLAB_MAX_UPLOAD sets" if body.is_file else f"{body.most} bytes"
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is over the limit of {limit}")


def _not_json(kind: str) -> HTTPException:
    told = f"the body is '{kind}', not application/json; with curl, use curl --json '...'"
    return HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, told)


def _not_a_file(kind: str) -> HTTPException:
    told = (
        f"the body is '{kind}', and has to be the file itself, as application/octet-stream; with curl, use curl -T FILE"
    )
    return Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_a_file", told)


def _not_inputs(kind: str) -> HTTPException:
    told = f"the body is '{kind}', and has to be {JSON}, {', '.join(PICTURES)} or {NPY}"
    return Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_inputs", told)


def _has_body(request: Request) -> bool:
    return "transfer-encoding" in request.headers or int(request.headers.get("content-length", 0)) > 0
