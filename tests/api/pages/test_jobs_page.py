"""The list of jobs: what a user sees of them, and does with them."""

import re

from playwright.sync_api import Page, expect

from tests.api.pages.conftest import Site
from tests.support.browser import violations_in_both_themes

MARKUP = "<img src=x onerror=alert(1)>\u202e\u2066" + "x" * 150


def test_an_empty_list_shows_how_to_begin_and_trains_the_papers_network(site: Site, page: Page) -> None:
    page.goto("/ui/")
    expect(page.locator("pre")).to_contain_text("curl --json")
    page.get_by_role("button", name="Train the paper's network").click()
    expect(page.locator("table.jobs tbody tr")).to_have_count(1)
    (job,) = site.client.get("/jobs").json()["jobs"]
    assert (job["architecture"], job["batch_norm"]) == ("mlp", True)
    site.client.post(f"/jobs/{job['id']}/cancel")


def test_rows_follow_what_jobs_do(site: Site, page: Page) -> None:
    page.goto("/ui/")
    job_id = site.submit(name="followed")
    shown = page.locator(f"#job-{job_id}")
    expect(shown).to_contain_text("succeeded", timeout=60_000)
    expect(shown).to_contain_text("100 %")
    expect(shown.get_by_role("link", name="followed", exact=True)).to_have_attribute("href", f"jobs/{job_id}")
    expect(shown.locator("svg")).to_have_count(1, timeout=10_000)


def test_a_users_text_is_text(site: Site, page: Page) -> None:
    job_id = site.submit(name=MARKUP, tags=["<b>tag</b>"])
    page.goto("/ui/")
    link = page.locator(f"#job-{job_id} th a")
    expect(link).to_have_text(MARKUP)
    expect(page.locator(f"#job-{job_id} img, #job-{job_id} b")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_search_and_chips_choose_and_stand_in_the_address(site: Site, page: Page, recorded: str) -> None:
    other = site.submit(name="other")
    page.goto("/ui/")
    page.get_by_role("searchbox").fill("recor test.accuracy>0")
    expect(page.locator("table.jobs tbody tr")).to_have_count(1)
    expect(page.locator(f"#job-{recorded}")).to_be_visible()
    assert re.search(r"\?q=recor", page.url)
    page.get_by_role("searchbox").fill("")
    site.ended(other)
    page.get_by_role("button", name="✕ failed").click()
    expect(page.get_by_text("No job is such")).to_be_visible()
    page.go_back()
    expect(page.locator(f"#job-{other}")).to_be_visible()


def test_columns_appear_for_what_differs(site: Site, page: Page) -> None:
    site.submit(name="slow", tags=["differs"], training={"steps": 3, "optimizer": {"learning_rate": 0.01}})
    site.submit(name="fast", tags=["differs"], training={"steps": 3, "optimizer": {"learning_rate": 0.5}})
    page.goto("/ui/?q=tag:differs")
    expect(page.get_by_role("columnheader", name="training.optimizer.learning_rate")).to_be_visible()
    expect(page.get_by_role("columnheader", name="training.steps")).to_have_count(0)


def test_the_list_is_sorted_by_its_heads(site: Site, page: Page) -> None:
    for name in ("sorted-a", "sorted-c", "sorted-b"):
        site.submit(name=name, training={"steps": 3})
    page.goto("/ui/?q=sorted")
    page.get_by_role("button", name="Job", exact=True).click()
    expect(page.locator("tbody th a")).to_have_text(["sorted-c", "sorted-b", "sorted-a"])
    page.get_by_role("button", name="Job ↓", exact=True).click()
    expect(page.locator("tbody th a")).to_have_text(["sorted-a", "sorted-b", "sorted-c"])


def test_several_jobs_are_cancelled_at_once_and_deleted_when_it_is_meant(site: Site, page: Page) -> None:
    ids = [site.running(name=f"several-{i}") for i in range(2)]
    page.goto("/ui/?q=several")
    for i in range(2):
        page.get_by_role("checkbox", name=f"Select several-{i}").check()
    together = page.get_by_role("group", name="Selected jobs")
    together.get_by_role("button", name="Cancel 2").click()
    for job_id in ids:
        assert site.ended(job_id)["status"] == "cancelled"
    together.get_by_role("button", name="Delete 2").click()
    page.get_by_role("button", name="Keep").click()
    assert site.client.get(f"/jobs/{ids[0]}").status_code == 200
    together.get_by_role("button", name="Delete 2").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No job is such")).to_be_visible()
    assert site.client.get(f"/jobs/{ids[0]}").status_code == 410


def test_rows_are_reached_by_keys(site: Site, page: Page, recorded: str) -> None:
    assert site.job(recorded)["name"] == "recorded"
    page.goto("/ui/?q=recorded")
    expect(page.locator(f"#job-{recorded}")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name="Select recorded")).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/ui/jobs/{recorded}")


def test_nonsense_in_the_address_is_told_and_ignored(page: Page) -> None:
    page.goto("/ui/?status=elsewhere&sort=created&x=1")
    expect(page.get_by_role("status")).to_contain_text("ignored: status=elsewhere, x=1")
    expect(page.locator("table.jobs tbody tr").first).to_be_visible()


def test_axe_has_nothing_against_the_list(page: Page, recorded: str) -> None:
    page.goto("/ui/")
    expect(page.locator(f"#job-{recorded}")).to_be_visible()
    assert violations_in_both_themes(page) == []


def test_workers_and_queue_are_shown(site: Site, page: Page) -> None:
    running = [site.running(name=f"runs-{i}") for i in range(2)]
    waiting = site.submit(name="waits")
    page.goto("/ui/workers")
    expect(page.get_by_role("region", name="Workers")).to_contain_text("2 of 2 busy")
    expect(page.get_by_role("region", name="Queue")).to_contain_text("waits")
    assert violations_in_both_themes(page) == []
    for job_id in (waiting, *running):
        site.client.post(f"/jobs/{job_id}/cancel")
        site.ended(job_id)


def test_what_is_typed_just_before_a_chip_is_a_view_that_the_back_button_leads_to(page: Page) -> None:
    page.goto("/ui/")
    expect(page.locator("table.jobs tbody tr").first).to_be_visible()
    page.evaluate("""() => {
      const search = document.querySelector("[type=search]");
      search.value = "typed";
      search.dispatchEvent(new Event("input"));
      document.querySelector("[data-status=failed]").click();
    }""")
    page.wait_for_url("**/ui/?q=typed&status=failed")
    page.go_back()
    page.wait_for_url("**/ui/?q=typed")


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
