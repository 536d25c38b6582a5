"""HEAD wherever there is GET: the same answer, whose body is not sent and, where it is a stream, not waited for."""

from anyio import CancelScope
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """ASGI middleware: asks for what GET gives, and ends the answer after its headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a HEAD as a GET, which is cancelled once its headers are there."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        with CancelScope() as answering:

            async def send_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await send(message)
                    await send({"type": "http.response.body"})
                    answering.cancel()

            whole = [header for header in scope["headers"] if header[0] != b"range"]  # a part is GET's (RFC 9110, 14.2)
            await self.app({**scope, "method": "GET", "headers": whole}, receive, send_headers)
