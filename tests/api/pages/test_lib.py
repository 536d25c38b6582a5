"""What the pages' scripts share: text that stays text, numbers as people read them, an address that is the view."""

from typing import Any

import pytest
from playwright.sync_api import Page

from api.pages.assets import digest

DASH = "\N{EN DASH}"
MARKUP = "<img src=x onerror=alert(1)> & <b>bold</b>"


@pytest.fixture
def run(page: Page) -> Any:
    """Run a function of a module's names in the browser: `run("lib/format.js", "({ number }) => number(1)")`."""
    page.goto("/ui/workers")

    def run(module: str, function: str, *arguments: Any) -> Any:
        script = f"async ([url, given]) => ({function})(await import(url), ...given)"
        return page.evaluate(script, [f"/assets/{digest()}/{module}", list(arguments)])

    return run


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.96123456, "0.9612"),
        (12345.6, "12,346"),
        (999.96, "1000"),
        (0, "0"),
        (1e30, "1.00e30"),
        (-3.2e-9, "-3.20e-9"),
        (None, DASH),
    ],
)
def test_a_number_has_four_significant_digits(run: Any, value: float | None, text: str) -> None:
    assert run("lib/format.js", "({ number }, value) => number(value)", value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (59, "59 s"), (60, "1 min"), (4810, "1 h 20 min"), (90000, "1 d 1 h"), (None, DASH)],
)
def test_a_duration_has_its_two_greatest_units(run: Any, seconds: float | None, text: str) -> None:
    assert run("lib/format.js", "({ duration }, value) => duration(value)", seconds) == text


def test_what_a_user_wrote_is_text_and_never_markup(run: Any) -> None:
    script = (
        "({ h }, text) => { const e = h('p', { text, title: text }, text); return [e.textContent, e.children.length] }"
    )
    assert run("lib/dom.js", script, MARKUP) == [MARKUP * 2, 0]


READ = """({ read, oneOf, whole, flag, list }, query) => read(
  { metric: oneOf(['loss', 'accuracy']), step: whole(), log: flag(), open: list() }, query)"""


def test_the_view_is_read_from_the_address(run: Any) -> None:
    found = run("lib/address.js", READ, "?metric=accuracy&step=64&log=1&open=a,b")
    assert found == {
        "values": {"metric": "accuracy", "step": 64, "log": True, "open": ["a", "b"]},
        "complaints": [],
    }


@pytest.mark.parametrize("query", ["?metric=lost", "?step=-1", "?step=1e3", "?log=yes", "?nonsense=1", "?__proto__=1"])
def test_what_makes_no_sense_in_an_address_is_told_and_ignored(run: Any, query: str) -> None:
    found = run("lib/address.js", READ, query)
    assert found["values"] == {"metric": "loss", "step": None, "log": False, "open": []}
    assert found["complaints"] == [query[1:]]


def test_an_address_has_only_what_is_not_plain(run: Any) -> None:
    script = """({ written, oneOf, whole }, values) => written(
      { metric: oneOf(['loss', 'accuracy']), step: whole() }, values)"""
    assert run("lib/address.js", script, {"metric": "loss", "step": None}) == ""
    assert run("lib/address.js", script, {"metric": "accuracy", "step": 5}) == "metric=accuracy&step=5"


def test_a_refusal_is_the_servers_own_sentence(run: Any, watched: Any) -> None:
    watched.expected.append("404")
    script = """({ get }) => get('jobs/0123456789abc').then(
      () => null, (error) => [error.status, error.code, error.message, !!error.requestId])"""
    status, code, message, named = run("lib/api.js", script)
    assert (status, code, named) == (404, "not_found", True)
    assert "0123456789abc" in message


def test_a_request_is_also_told_as_a_line_for_a_shell(run: Any, site: Any) -> None:
    found = run(
        "lib/api.js", "({ requests, path }) => requests(path('series', { jobs: ['a', 'b'], from: null, names: 'x.*' }))"
    )
    assert found["curl"].endswith(f"'{site.url}/series?jobs=a&jobs=b&names=x.%2A'")
    assert "httpx.get(url" in found["python"]
