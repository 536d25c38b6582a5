"""A page with charts alone: their modules and styles, served from their folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from api.pages.assets import FOLDER
from api.pages.policy import CONTENT
from tests.support.browser import Watched

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Charts</title><link rel="icon" href="/style/icon.svg">
<link rel="stylesheet" href="/style/tokens.css"><link rel="stylesheet" href="/style/page.css">
<link rel="stylesheet" href="/style/table.css"><link rel="stylesheet" href="/style/chart.css">
<script type="module" src="/try.js"></script></head>
<body><main><h1>Charts</h1><h2>One</h2><div id="host"></div></main></body></html>"""


# Puts figures into the page, and keeps what they call.
SCRIPT = """import { figure } from "/charts/figure.js";
window.told = { cursor: [], zoom: [], row: [] };
window.put = async (model, options = {}) => {
  const kind = await import(`/charts/${model.kind}.js`);
  const place = document.getElementById("host").appendChild(document.createElement("div"));
  const made = figure(place, kind, {
    model, file: "job-7", height: 200,
    onCursor: (x) => told.cursor.push(x), onZoom: (range) => told.zoom.push(range),
    onSelect: (row) => told.row.push(row),
    requests: () => ({ curl: "curl http://example.org/series", python: "client.series()" }), ...options,
  });
  window.figures = [...(window.figures ?? []), made];
  return null;
};"""


class _Handler(SimpleHTTPRequestHandler):
    """The scripts and styles as they are, and the page of these tests, all under the policy of the pages."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".js": "text/javascript"}

    def do_GET(self) -> None:
        made = {"/": ("text/html", PAGE), "/try.js": ("text/javascript", SCRIPT)}.get(self.path)
        if made is None:
            return super().do_GET()
        body = made[1].encode()
        self.send_response(200)
        self.send_header("Content-Type", made[0])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", CONTENT)
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served_folder(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served_folder(FOLDER) as address:
        yield address


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    """A page without charts yet; the test fails by what goes wrong in it unseen, such as a breach of the policy."""
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(20_000)
    watched = Watched(address)
    watched.watch(page)
    page.goto("/")
    page.wait_for_function("() => window.put !== undefined")
    yield page
    context.close()
    assert watched.unexpected() == []
