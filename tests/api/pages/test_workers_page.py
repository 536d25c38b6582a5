"""The page of workers and queue: who trains, who waits, and rows that stay themselves."""

from playwright.sync_api import Page, expect

from tests.api.pages.conftest import Site
from tests.support.browser import cut, violations_in_both_themes


def test_workers_and_queue_are_shown(site: Site, page: Page) -> None:
    running = [site.running(name=f"runs-{i}") for i in range(2)]
    waiting = site.submit(name="waits")
    page.goto("/ui/workers")
    expect(page.get_by_role("region", name="Workers")).to_contain_text("2 of 2 busy")
    expect(page.get_by_role("region", name="Queue")).to_contain_text("waits")
    assert violations_in_both_themes(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert cut(page) == []
    assert violations_in_both_themes(page) == []
    for job_id in (waiting, *running):
        site.client.post(f"/jobs/{job_id}/cancel")
        site.ended(job_id)


def test_rows_of_workers_and_queue_stay_themselves_while_they_change(site: Site, page: Page) -> None:
    running = [site.running(name=f"kept-{i}") for i in range(2)]
    waiting = [site.submit(name=f"queued-{i}", training={"steps": 500_000}) for i in range(2)]
    page.goto("/ui/workers")
    link = page.get_by_role("link", name="queued-1")
    link.focus()
    page.evaluate("""() => {
      getSelection().selectAllChildren(document.querySelector("[aria-label=Workers] td"));
      window.cell = document.querySelector("[aria-label=Workers] td");
    }""")
    before = page.get_by_role("region", name="Workers").text_content() or ""
    site.client.post(f"/jobs/{waiting[0]}/cancel").raise_for_status()
    expect(page.get_by_role("link", name="queued-0")).to_have_count(0)
    expect(page.get_by_role("region", name="Workers")).not_to_have_text(before)
    expect(link).to_be_focused()
    assert page.evaluate("window.cell.isConnected && getSelection().toString() === window.cell.textContent")
    for job_id in (waiting[1], *running):
        site.client.post(f"/jobs/{job_id}/cancel")
        site.ended(job_id)
