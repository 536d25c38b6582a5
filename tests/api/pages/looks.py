"""What tests of a job's page ask of it, and wait for."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, Request, expect

MODULE = """async (name) => {
  const folder = document.querySelector("script[type=module]").src.replace(/pages\\/[^/]*$/, "");
  const m = await import(`${folder}pages/job/${name}.js`);
  return CODE;
}"""


def completed(page: Page) -> None:
    """Wait until all that a page shows first is there."""
    page.wait_for_function("() => performance.getEntriesByName('complete').length")


def open_job(page: Page, job_id: str) -> None:
    """Go to a job's page, and wait for its curves."""
    page.goto(f"/ui/jobs/{job_id}")
    expect(curve(page, "loss").locator("figcaption")).to_contain_text("1 point =")


def curve(page: Page, key: str) -> Locator:
    """The place of a chart of curves."""
    return page.locator(f"#curves [data-chart='{key}']")


def plot_of(page: Page, key: str) -> Locator:
    """The part of it that takes keys and pointer."""
    return curve(page, key).locator(".plot")


def description_of(page: Page, key: str) -> dict[str, Any]:
    """What it says of itself."""
    found: dict[str, Any] = curve(page, key).locator("figure").evaluate("(figure) => figure.describe()")
    return found


def until_described(page: Page, key: str, holds: str) -> None:
    """Wait until what a chart says of itself is so."""
    figure = curve(page, key).locator("figure").element_handle()
    page.wait_for_function(f"(figure) => {{ const described = figure.describe(); return {holds}; }}", arg=figure)


def query_of(page: Page) -> dict[str, str]:
    """The view in the page's address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def is_data(request: Request) -> bool:
    """Whether it is a request of the page's own to the API."""
    return request.resource_type == "fetch"


def run_module(page: Page, module: str, code: str) -> Any:
    """What an expression gives in which `m` is a module of the job's page."""
    return page.evaluate(MODULE.replace("CODE", code), module)
