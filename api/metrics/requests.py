"""How long requests took: of this process, counted as they are answered."""

import time
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import inf

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BOUNDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, inf)  # seconds
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})  # a client may send any word
UNKNOWN = "unknown"  # the route of a path that leads nowhere, and of files
EVENTS = b"text/event-stream"


@dataclass(frozen=True)
class Kind:
    """Requests that are counted together: there are few kinds, whatever clients send."""

    method: str
    route: str  # a template, such as `/jobs/{job_id}`
    status: str


class Requests:
    """The counts of one process. Only the event loop writes them, one at a time; whoever else reads takes a copy."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int], list[float]] = {}
        self.streams = 0  # that are open now

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        key = (method, route, status)
        counts = self._counts.get(key)
        if counts is None:
            counts = self._counts[key] = [0.0] * (len(BOUNDS) + 1)
        counts[bisect_left(BOUNDS, seconds)] += 1
        counts[-1] += seconds

    def counts(self) -> Mapping[Kind, tuple[list[float], float]]:
        """Of each kind, how many took at most as long as each of `BOUNDS` says, and the seconds of all together."""
        copied = {key: tuple(counts) for key, counts in list(self._counts.items())}
        return {
            Kind(method, route, str(status)): (list(accumulate(counts[:-1])), counts[-1])
            for (method, route, status), counts in sorted(copied.items())
        }


class Observed:
    """ASGI middleware: counts each request once it was answered, but for those that last as long as a client likes."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self.app, self.requests = app, requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status, is_stream = time.perf_counter(), 0, False

        async def send_noted(message: Message) -> None:
            nonlocal status, is_stream
            if message["type"] == "http.response.start":
                status = message["status"]
                if any(name == b"content-type" and value.startswith(EVENTS) for name, value in message["headers"]):
                    is_stream = True
                    self.requests.streams += 1
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        except Exception:
            status = status or 500  # which is answered outside of all middleware
            raise
        finally:
            if is_stream:
                self.requests.streams -= 1
            elif status and not _waits(scope):
                method = scope["method"] if scope["method"] in METHODS else UNKNOWN
                self.requests.add(method, _route(scope), status, time.perf_counter() - begun)


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", UNKNOWN)


def _waits(scope: Scope) -> bool:
    """Whether a client asked to be answered only when something has changed."""
    return b"wait=" in scope["query_string"]
