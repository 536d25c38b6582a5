"""The list of jobs: what a user sees of them, and does with them."""

import re

from playwright.sync_api import Page, expect

from tests.api.pages.conftest import Site
from tests.support.browser import Watched, cut, violations_in_both_themes

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
    expect(shown).to_contain_text("succeeded", timeout=180_000)
    expect(shown).to_contain_text("100 %")
    expect(shown.get_by_role("link", name="followed", exact=True)).to_have_attribute("href", f"jobs/{job_id}")
    expect(shown.locator("svg")).to_have_count(1)


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


def test_words_of_a_search_that_make_no_sense_are_told_under_it(site: Site, page: Page, recorded: str) -> None:
    colon = site.submit(name="colour:red", training={"steps": 3})
    page.goto("/ui/?q=colour:red bn:maybe test.accuracy> tag: recor")
    search = page.get_by_role("searchbox")
    told = page.locator("#search-told")
    expect(told).to_contain_text("ignored: colour:red, bn:maybe, test.accuracy>, tag:.")
    assert "search-told" in (search.get_attribute("aria-describedby") or "")
    expect(search).to_have_attribute("aria-invalid", "true")
    expect(page.locator("tbody th a")).to_have_text(["recorded"])
    assert site.job(recorded)["name"] == "recorded"
    search.fill("name:colour:red")
    expect(page.locator(f"#job-{colon}")).to_be_visible()
    expect(page.locator("table.jobs tbody tr")).to_have_count(1)
    expect(told).to_have_text("")
    expect(search).to_have_attribute("aria-invalid", "false")


def test_what_the_api_says_of_a_search_stands_under_it_and_is_asked_once(
    page: Page, watched: Watched, recorded: str
) -> None:
    watched.expected.append("status of 422")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/jobs?" in request.url else None)
    page.clock.install()
    page.goto("/ui/?q=test.acuracy>0.9")
    expect(page.locator("#search-told")).to_contain_text("the nearest is 'test.accuracy'")
    expect(page.get_by_text("No job is such")).to_have_count(0)
    page.clock.run_for(20_000)
    assert len(asked) == 1
    page.get_by_role("searchbox").fill("recor")
    page.clock.run_for(1_000)
    expect(page.locator(f"#job-{recorded}")).to_be_visible()
    expect(page.locator("#search-told")).to_have_text("")


def test_an_order_that_is_none_is_told_and_ignored(page: Page, watched: Watched, recorded: str) -> None:
    watched.expected.append("status of 422")
    page.goto("/ui/?sort=colour&q=recor")
    expect(page.get_by_role("status")).to_contain_text("'colour' is nothing to sort by")
    expect(page.locator(f"#job-{recorded}")).to_be_visible()
    page.wait_for_url("**/ui/?q=recor")


def test_chips_say_how_many_jobs_stand_where_of_those_that_are_searched(site: Site, page: Page) -> None:
    paused = [site.submit(name="counted", training={"steps": 500_000}) for _ in range(2)]
    for job_id in paused:
        site.client.post(f"/jobs/{job_id}/pause").raise_for_status()
    page.goto("/ui/?q=counted&status=failed")
    expect(page.get_by_role("button", name="‖ paused 2")).to_be_visible()
    expect(page.get_by_role("button", name="all 2")).to_be_visible()
    assert page.locator("[data-status='']").text_content() == "all\xa02"  # a plain space is not seen there
    expect(page.get_by_role("button", name="✕ failed 0")).to_be_visible()
    site.client.post(f"/jobs/{paused[0]}/cancel").raise_for_status()
    expect(page.get_by_role("button", name="‖ paused 1")).to_be_visible()
    site.client.post(f"/jobs/{paused[1]}/cancel").raise_for_status()


def test_the_first_look_is_a_list_and_a_request_for_the_small_lines(page: Page, recorded: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("?")[0].rsplit("/", 1)[1]))
    page.goto("/ui/?q=recorded")
    expect(page.locator(f"#job-{recorded} svg")).to_have_count(1)
    data = [name for name in asked if name in ("jobs", "series")]
    assert data[:2] == ["jobs", "series"]


def test_documents_which_never_change_are_asked_for_once(site: Site, page: Page) -> None:
    site.submit(name="documented", training={"steps": 3})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/jobs?" in request.url else None)
    page.goto("/ui/?q=documented")
    expect(page.locator("table.jobs tbody tr")).to_have_count(1)
    page.wait_for_event("request", lambda _: len(asked) > 2)
    assert [",spec" in url for url in asked[:3]] == [True, False, False]
    added = site.submit(name="documented", training={"steps": 4})
    expect(page.locator(f"#job-{added}")).to_contain_text("mlp of 3")
    expect(page.get_by_role("columnheader", name="training.steps")).to_be_visible()


def test_of_several_jobs_those_that_refuse_are_named_and_stay_selected(
    site: Site, page: Page, watched: Watched
) -> None:
    watched.expected.append("status of 409")
    ids = [site.running(name=f"refusing-{i}") for i in range(2)]
    page.goto("/ui/?q=refusing")
    for i in range(2):
        page.get_by_role("checkbox", name=f"Select refusing-{i}").check()
    page.get_by_role("button", name="Pause updates").click()
    site.client.post(f"/jobs/{ids[0]}/cancel").raise_for_status()
    site.ended(ids[0])
    page.get_by_role("group", name="Selected jobs").get_by_role("button", name="Pause 2").click()
    told = page.get_by_role("status")
    expect(told).to_contain_text("Pause: 1 job. Not refusing-0: ")
    expect(told).to_contain_text("cancelled")
    expect(page.get_by_role("checkbox", name="Select refusing-0")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Select refusing-1")).not_to_be_checked()
    site.client.post(f"/jobs/{ids[1]}/cancel").raise_for_status()
    site.ended(ids[1])


def test_the_focus_stays_where_it_was_while_the_list_is_drawn_anew(site: Site, page: Page) -> None:
    ids = [site.running(name=f"focus-{i}") for i in range(2)]
    page.goto("/ui/?q=focus")
    page.get_by_role("button", name="Job", exact=True).focus()
    page.keyboard.press("Enter")  # sorts
    expect(page.locator("tbody th a")).to_have_text(["focus-1", "focus-0"])
    expect(page.get_by_role("button", name="Job ↓", exact=True)).to_be_focused()
    link = page.get_by_role("link", name="focus-1", exact=True)
    link.focus()
    site.client.patch(f"/jobs/{ids[0]}", json={"name": "focus-2"}).raise_for_status()
    expect(page.locator("tbody th a")).to_have_text(["focus-2", "focus-1"])
    expect(link).to_be_focused()
    page.get_by_role("button", name="Pause focus-1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Resume focus-1")).to_be_visible()
    expect(link).to_be_focused()  # its button is gone: its row has the focus
    page.keyboard.press("x")
    together = page.get_by_role("group", name="Selected jobs")
    together.get_by_role("button", name="Cancel").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#job-{ids[1]}")).to_contain_text("cancelled")
    expect(together.get_by_role("button", name="Select none")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="Select focus-1")).to_be_focused()
    expect(page.get_by_role("checkbox", name="Select focus-1")).not_to_be_checked()
    site.client.delete(f"/jobs/{ids[1]}").raise_for_status()
    expect(page.get_by_role("link", name="focus-2", exact=True)).to_be_focused()
    site.client.post(f"/jobs/{ids[0]}/cancel").raise_for_status()
    site.ended(ids[0])


def test_the_last_page_of_the_list_takes_the_focus_that_its_button_had(site: Site, page: Page) -> None:
    for _ in range(3):
        site.submit(name="paged", training={"steps": 3})
    page.route(re.compile(r"/jobs\?"), lambda route: route.continue_(url=route.request.url.replace("=50", "=2")))
    page.goto("/ui/?q=paged")
    expect(page.locator("table.jobs tbody tr")).to_have_count(2)
    page.get_by_role("button", name="More jobs").focus()
    page.keyboard.press("Enter")
    expect(page.locator("table.jobs tbody tr")).to_have_count(3)
    expect(page.get_by_role("button", name="More jobs")).to_have_count(0)
    expect(page.locator("tbody th a").nth(2)).to_be_focused()


def test_on_a_phone_each_job_is_a_block_of_which_nothing_is_cut(site: Site, page: Page, recorded: str) -> None:
    site.submit(name=MARKUP, tags=["phone " * 9], metadata={"phone": "x"}, training={"steps": 3})
    for width in (320, 360):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/ui/")
        expect(page.locator(f"#job-{recorded}")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert cut(page) == []
        expect(page.get_by_role("button", name="Best", exact=True)).to_be_visible()
        expect(page.get_by_role("rowheader", name="recorded")).to_be_visible()
    assert violations_in_both_themes(page) == []
