"""A web server that answers as a test says, in place of bnlab's."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = tuple[int, str, str] | None  # status, type and text; None: the connection is closed without a word

EVIL = "\x1b]0;owned\x07\x1b[2J\r\n\x9b1m\x00\u2028\u202etxt"  # what would move the cursor, or end a line
SHOWN = r"\x1b]0;owned\x07\x1b[2J\r\n\x9b1m\x00\u2028\u202etxt"  # how a terminal is to show it
ID = "1m88g7nq4p9df"


def page(**fields: Any) -> Answer:
    """An answer that is a JSON object."""
    return 200, "application/json", json.dumps(fields)


def problem(status: int, code: str, detail: str) -> Answer:
    """A refusal as bnlab's servers say it."""
    fields = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": detail, "errors": []}
    return status, "application/problem+json", json.dumps(fields)


def end(status: str) -> Answer:
    """A stream that says how the job ended."""
    event = {"job": ID, "status": status}
    return 200, "text/event-stream", f"event: end\ndata: {json.dumps(event)}\n\n"


def job(status: str, **fields: Any) -> dict[str, Any]:
    """A job as a server answers it that lets anything through."""
    spec = {"name": EVIL, "architecture": {"preset": "mlp"}, "batch_norm": True, "recording": {"diagnostics": []}}
    progress = {"step": 1, "steps": 2, "steps_per_second": None, "eta_seconds": None}
    own = {"id": ID, "status": status, "requested": None, "spec": spec, "progress": progress, "latest": {}}
    return own | {"error": None, "created": "2026-01-01T00:00:00Z", "warnings": [EVIL], **fields}


@contextmanager
def stranger(answer: Callable[[int], Answer], *, bnlab: bool = True) -> Iterator[tuple[str, list[str]]]:
    """A web server that is not bnlab's, by its URL, and what it was asked; `answer` is given how often before.

    bnlab: it says that it is nevertheless.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if given := answer(len(asked) - 1):
                status, kind, text = given
                self.send_response(status)
                self.send_header("Content-Type", kind)
                if bnlab:
                    self.send_header("X-Request-ID", "1")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())
            self.close_connection = True

        do_GET = do_POST = do_DELETE = handle_any  # noqa: N815 - http.server looks for these names

        def log_message(self, *_: object) -> None:
            """Say nothing on stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()
