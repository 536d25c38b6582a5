"""Every page is there, and opens in a browser without a fault."""

import pytest
from playwright.sync_api import Page

from api.pages.routes import PAGES
from tests.api.pages.conftest import Site
from tests.support.browser import Watched, violations_in_both_themes


@pytest.mark.parametrize("path", [path.format(job_id="latest") for path in PAGES])
def test_a_page_opens_and_axe_has_nothing_against_it(site: Site, recorded: str, page: Page, path: str) -> None:
    assert site.job(recorded)["status"] == "succeeded"
    page.goto(f"/ui/{path}")
    page.wait_for_load_state("load")
    assert "bnlab" in page.title()
    assert violations_in_both_themes(page) == []


def test_a_browser_is_led_to_the_jobs(site: Site, page: Page) -> None:
    page.goto("/")
    assert page.url == f"{site.url}/ui/"


def test_where_no_page_is_one_says_so(page: Page, watched: Watched) -> None:
    watched.expected.append("404")
    answer = page.goto("/ui/nowhere/at/all")
    assert answer is not None
    assert answer.status == 404
    page.get_by_role("link", name="The list of jobs").click()
    page.wait_for_url("**/ui/")
