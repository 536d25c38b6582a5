"""A real Chromium, and what no page may do in it: an error in the console, a breach of policy, a foreign request."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.support.requirements import require_any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
GIVEN_UP = "net::ERR_ABORTED"  # by the page itself: a newer request has taken its place, or the page is left


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    program = require_any(*PROGRAMS)
    with (
        sync_playwright() as playwright,
        # As root it has no sandbox, and its pages come from this machine alone.
        playwright.chromium.launch(executable_path=program, args=["--no-sandbox"]) as browser,
    ):
        yield browser


@dataclass
class Watched:
    """What a page has done that it should not have."""

    origin: str
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Patterns of faults that a test brings about."""

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)

    def unexpected(self) -> list[str]:
        """The faults that no test has announced."""
        return [fault for fault in self.faults if not any(re.search(each, fault) for each in self.expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text} at {message.location.get('url')}")

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https", "ws") and not request.url.startswith(self.origin + "/"):
            self.faults.append(f"foreign request: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != GIVEN_UP:
            self.faults.append(f"failed request: {request.url}: {request.failure}")


CUT = """() => [...document.querySelectorAll("table.blocks :is(th, td, a, button)")].filter((each) => {
  const {left, right} = each.getBoundingClientRect();
  return left < 0 || right > innerWidth || each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0;
}).map((each) => each.outerHTML.slice(0, 80))"""


def cut(page: Page) -> list[str]:
    """What of the tables of a page is cut, or outside of the screen."""
    found: list[str] = page.evaluate(CUT)
    return found


def violations(page: Page) -> list[str]:
    """What axe has against the page as it stands: rule, and the elements."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {[node['html'][:120] for node in each['nodes'][:5]]}" for each in found]


THEMES = ("light", "dark")


def violations_in_both_themes(page: Page) -> list[str]:
    """The same in either theme, which axe is told by the emulated system."""
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        found += [f"{theme}: {each}" for each in violations(page)]
    return found
