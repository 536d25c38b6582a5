"""How a failure becomes an answer: a problem document (RFC 9457), its status from one table."""

import logging
import re
from collections.abc import Mapping
from functools import singledispatch
from http import HTTPStatus
from http.client import responses

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.schemas.problems import FieldProblem, Problem
from jobs.errors import (
    BnlabError,
    CodeSpent,
    DamagedObject,
    DataFolderUnusable,
    DatasetRefused,
    DatasetUnavailable,
    Gone,
    InvalidQuery,
    InvalidSpec,
    NoBest,
    NoPreprocessing,
    NotAllowed,
    NotFound,
    NoWeightsYet,
    Stale,
)
from jobs.logs import about
from jobs.sentences import sentence
from jobs.storage.database import is_full
from jobs.storage.objects.protocol import NoRoom

PROBLEM_JSON = "application/problem+json"

STATUS_OF: dict[type[BnlabError], int] = {
    InvalidSpec: 422,
    InvalidQuery: 422,
    CodeSpent: 403,
    NotFound: 404,
    Gone: 410,
    NotAllowed: 409,
    NoWeightsYet: 409,
    NoBest: 409,
    NoPreprocessing: 409,
    Stale: 412,
    DamagedObject: 500,
    DatasetRefused: 422,
    DatasetUnavailable: 503,
    DataFolderUnusable: 503,
}
"""Of what the API can meet; anything else of bnlab's own is a defect: 500."""

CODE_OF = {
    401: "token_required",
    403: "foreign_origin",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "not_json",
    421: "unknown_host",
}
"""Of what is refused before a route is asked; any other status is called as HTTP calls it."""

DETAIL_OF = {
    404: "there is nothing at this path; /docs shows what there is",
    405: "this path does not take this method; the header Allow names those it takes",
}
"""Where the router refuses, which gives no reason."""

MAX_DETAIL = 4000  # characters: what a client has sent may be quoted, but is not sent back

log = logging.getLogger(__name__)


class Refusal(HTTPException):
    """A refusal that programs tell from others of its status."""

    def __init__(self, status_code: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        self.code = code
        super().__init__(status_code, detail, headers)


class NotReady(Exception):
    """Some part that a job needs is not there; `parts` has the state of each."""

    def __init__(self, parts: dict[str, str]) -> None:
        self.parts = parts
        super().__init__("; ".join(f"{part}: {state}" for part, state in parts.items()))


async def answer(request: Request, error: Exception) -> Response:
    """The one handler of every exception."""
    problem = problem_of(error).model_copy(update={"request_id": request.state.request_id})
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR or isinstance(error, SQLAlchemyError):
        asked = (problem.request_id, request.method, request.scope["path"])
        about_it = about("request_failed", request_id=problem.request_id)
        log.error("request %s: %s %r: %r", *asked, error, extra=about_it)
    # X-Request-ID here too: an unexpected exception is answered outside the middleware that sets it elsewhere.
    headers = {**_headers(request, error), "X-Request-ID": problem.request_id}
    return Response(problem.model_dump_json(exclude_none=True), problem.status, headers, PROBLEM_JSON)


def _headers(request: Request, error: Exception) -> dict[str, str]:
    if not isinstance(error, HTTPException):
        return {}
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # The router names the methods of one route alone, and a path may have several; of files it names none.
        route = request.scope.get("route")
        operations = request.app.openapi()["paths"].get(getattr(route, "path", ""), {})
        named = [method.strip() for method in headers.get("Allow", "GET").split(",")]
        allowed = dict.fromkeys(map(str.upper, operations or named))
        headers["Allow"] = ", ".join(allowed | ({"HEAD": None} if "GET" in allowed else {}))  # see api.http.heads
    return headers


HANDLED: tuple[type[Exception], ...] = (
    BnlabError,
    RequestValidationError,
    HTTPException,
    OperationalError,
    PoolTimeout,
    NotReady,
    NoRoom,
    ClientDisconnect,
    Exception,
)
"""What `answer` is registered for."""


@singledispatch
def problem_of(_error: Exception) -> Problem:
    """What a client is told of an error; of one that nobody expected, nothing but where to look."""
    return problem(500, "internal", "something went wrong in the server, whose log says what under this request_id")


def problem(
    status: int, code: str, detail: str, *, retryable: bool = False, errors: tuple[FieldProblem, ...] = ()
) -> Problem:
    """A problem document but for the request's id, which `answer` puts in."""
    return Problem(
        type="about:blank",
        title=_title(status),
        status=status,
        detail=detail if len(detail) <= MAX_DETAIL else f"{detail[:MAX_DETAIL]}...",
        code=code,
        retryable=retryable,
        request_id="",
        errors=errors,
    )


@problem_of.register
def _(error: BnlabError) -> Problem:
    return problem(STATUS_OF.get(type(error), 500), error.code, str(error), retryable=error.retryable)


@problem_of.register
def _(error: InvalidSpec) -> Problem:
    errors = tuple(FieldProblem(pointer=field.pointer, message=field.message) for field in error.errors)
    return problem(STATUS_OF[InvalidSpec], error.code, str(error), errors=errors)


@problem_of.register
def _(error: InvalidQuery) -> Problem:
    message = str(error).removeprefix(f"{error.parameter}: ")
    errors = (FieldProblem(parameter=error.parameter, message=message),)
    return problem(STATUS_OF[InvalidQuery], error.code, str(error), errors=errors)


@problem_of.register
def _(error: DatasetRefused) -> Problem:
    errors = tuple(FieldProblem(member=fault.member, message=fault.message) for fault in error.faults)
    return problem(STATUS_OF[DatasetRefused], error.code, str(error), errors=errors)


@problem_of.register
def _(error: RequestValidationError) -> Problem:
    found = [(str(item["loc"][1]), sentence(item)) for item in error.errors()]
    errors = tuple(FieldProblem(parameter=parameter, message=message) for parameter, message in found)
    detail = "; ".join(f"{parameter}: {message}" for parameter, message in found)
    return problem(STATUS_OF[InvalidQuery], InvalidQuery.code, detail, errors=errors)


@problem_of.register
def _(error: HTTPException) -> Problem:
    status = error.status_code
    code = CODE_OF.get(status) or re.sub("[^a-z0-9]+", "_", _title(status).lower())
    return problem(status, code, DETAIL_OF.get(status, str(error.detail)))


@problem_of.register
def _(error: Refusal) -> Problem:
    return problem(error.status_code, error.code, str(error.detail))


@problem_of.register(OperationalError)
@problem_of.register(PoolTimeout)
def _(error: OperationalError | PoolTimeout) -> Problem:
    # What the driver says may name hosts, users and tables: it is in the log alone.
    reason = "its disk is full" if is_full(error) else "the server's log says why under this request_id"
    detail = f"the database cannot do this now ({reason}); try again in a moment"
    return problem(503, "database_unavailable", detail, retryable=True)


@problem_of.register
def _(error: NotReady) -> Problem:
    return problem(503, "not_ready", str(error), retryable=True).model_copy(update={"parts": error.parts})


@problem_of.register
def _(error: NoRoom) -> Problem:
    detail = f"there is no room for this here: {error.strerror}; GET /storage says what takes how much"
    return problem(507, "no_room", detail, retryable=True)


@problem_of.register
def _(_error: ClientDisconnect) -> Problem:
    return problem(400, "disconnected", "the client left before its body was there", retryable=True)


def _title(status: int) -> str:
    return responses.get(status, f"HTTP {status}")
