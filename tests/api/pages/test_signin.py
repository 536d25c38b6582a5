"""Signing in, in a real browser: by a link, or a code that is typed; and what is said of one that is good no more."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr

from api.app import create_app
from bnlab import Client
from jobs.settings import Settings
from tests.support.browser import Watched, violations_in_both_themes
from tests.support.serving import served

READS = "() => fetch('/jobs').then((answer) => answer.status)"
REFUSED = "40[13]"  # what the console says of a refusal


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server that asks for a token, as whoever has it reaches it."""
    data = tmp_path_factory.mktemp("guarded")
    settings = Settings(data=data, access="token", token=SecretStr("secret"), broker_url="memory://localhost")
    with served(create_app(settings)) as http, Client(str(http.base_url), "secret") as client:
        yield client


@contextmanager
def stranger(guarded: Client, browser: Browser) -> Iterator[Page]:
    """A browser that has not been there."""
    watched = Watched(guarded.url, expected=[REFUSED])
    context = browser.new_context(base_url=guarded.url)
    page = context.new_page()
    page.set_default_timeout(20_000)
    watched.watch(page)
    yield page
    context.close()
    assert watched.unexpected() == []


@pytest.fixture
def page(guarded: Client, browser: Browser) -> Iterator[Page]:
    with stranger(guarded, browser) as page:
        yield page


def test_a_link_signs_in_and_its_code_is_gone_from_the_address_and_the_history(guarded: Client, page: Page) -> None:
    page.goto(guarded.pages_url().replace("/ui/", "/ui/new?colour=red"))
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert page.url == f"{guarded.url}/ui/new?colour=red"
    assert page.evaluate(READS) == 200
    assert page.evaluate("() => document.cookie") == ""
    assert page.evaluate("() => history.length") <= 2  # the empty tab, and this


def test_a_link_that_is_opened_twice_does_no_harm_where_it_was_opened_first(
    guarded: Client, browser: Browser, page: Page
) -> None:
    link = guarded.pages_url()
    for _ in range(2):
        page.goto("about:blank")
        page.goto(link)
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        assert page.get_by_label("This server needs you").count() == 0
    with stranger(guarded, browser) as other:
        other.goto(link)
        expect(other.get_by_role("alert")).to_contain_text("run 'bnlab open' for another")
        assert other.evaluate(READS) == 401


@pytest.mark.parametrize("pasted", ["{code}", " {code}\t", "{url}"], ids=["code", "with space", "whole address"])
def test_who_has_not_signed_in_is_asked_for_a_code(guarded: Client, page: Page, pasted: str) -> None:
    page.goto("/ui/new?colour=red")
    told = "This server needs you to sign in: open the address that its start has printed, run bnlab open on it"
    field = page.get_by_label(f"{told} for another one, or paste a code here.")
    expect(field).to_be_focused()
    assert violations_in_both_themes(page) == []
    field.fill("nonsense")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("run 'bnlab open' for another")
    url = guarded.pages_url()
    field.fill(pasted.format(url=url, code=url.partition("#code=")[2]))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()  # the page has begun anew
    expect(page.get_by_role("region", name="Layers")).to_be_visible()
    assert page.url == f"{guarded.url}/ui/new?colour=red"


def test_a_link_that_is_opened_in_the_tab_that_asks_signs_in(guarded: Client, page: Page) -> None:
    page.goto("/ui/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.evaluate("(hash) => { location.hash = hash }", guarded.pages_url().partition("#")[2])
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert page.url == f"{guarded.url}/ui/"


def test_who_signs_out_is_a_stranger_again(guarded: Client, page: Page) -> None:
    page.goto(guarded.pages_url())
    with page.expect_navigation():
        page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    assert page.evaluate(READS) == 401


def test_a_session_that_ends_while_nothing_but_the_stream_is_asked_for_leads_to_a_code(
    guarded: Client, page: Page
) -> None:
    job = guarded.submit(data={"dataset": "synthetic"}, training={"steps": 100})  # no worker is there to take it
    page.goto(guarded.pages_url().replace("/ui/", f"/ui/jobs/{job['id']}"))
    expect(page.get_by_text("Nothing is recorded yet; the curves")).to_be_visible()
    page.context.clear_cookies()
    page.evaluate("() => ['pagehide', 'pageshow'].forEach((name) => dispatchEvent(new Event(name)))")  # and back
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.locator("#status")).to_be_empty()


def test_the_form_fits_a_narrow_screen(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 320, "height": 600})
    page.goto("/ui/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
    assert page.screenshot(path=tmp_path / "narrow.png")
