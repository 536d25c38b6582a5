"""A line in the log for each request, of a server whose log is JSON."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jobs.logs import about

LOCATION = b"location"
UNANSWERED = 499  # as the status of a request whose client left before there was an answer

log = logging.getLogger(__name__)


class RequestsLog:
    """ASGI middleware: says of each request, once it is over, what it asked for and how long that took.

    It is the route's path that is told, with the job's id beside it: a query may hold what is nobody's business.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and log it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status, location = time.perf_counter(), UNANSWERED, b""

        async def send_noted(message: Message) -> None:
            nonlocal status, location
            if message["type"] == "http.response.start":
                status, location = message["status"], dict(message["headers"]).get(LOCATION, b"")
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        except Exception:
            status = 500  # answered outside of every middleware
            raise
        finally:
            _say(scope, status, location.decode(), time.perf_counter() - began)


def _say(scope: Scope, status: int, location: str, seconds: float) -> None:
    path = getattr(scope.get("route"), "path", None)
    made = location.removeprefix("jobs/") if location.startswith("jobs/") else None
    fields = about(
        "request",
        request_id=scope.get("state", {}).get("request_id"),
        job=scope.get("path_params", {}).get("job_id", made),
        method=scope["method"],
        path=path,
        status=status,
        milliseconds=round(seconds * 1000, 2),
    )
    log.info("%s %s %d", scope["method"], path or "(no route)", status, extra=fields)
