"""A job's page: what the job is, what is wrong with it, and what happens to it while it is open."""

import re

import pytest
from playwright.sync_api import Page, expect

from jobs.findings.table import RULES
from tests.api.pages.conftest import Site
from tests.api.pages.looks import (
    completed,
    curve,
    description_of,
    is_data,
    open_job,
    query_of,
    run_module,
    until_described,
)
from tests.support.browser import Watched, violations_in_both_themes


def test_the_head_says_what_the_job_is_and_what_may_be_done_with_it(site: Site, page: Page, recorded: str) -> None:
    open_job(page, recorded)
    head = page.locator("#head")
    expect(page.get_by_role("heading", level=1)).to_have_text("recorded")
    expect(head).to_contain_text(
        "An mlp of 3 \N{MULTIPLICATION SIGN} 100 sigmoid units with batch normalization, on synthetic"
    )
    expect(head).to_contain_text("300 steps of sgd at 0.1, 60 examples a step, seed")
    expect(head).to_contain_text("✓ succeeded")
    words = {each.lower() for each in head.get_by_role("button").all_inner_texts()}
    assert words == {*site.job(recorded)["allowed_actions"], "the same without bn"}
    expect(head.get_by_role("link", name="Again, but otherwise")).to_have_attribute("href", f"../new?like={recorded}")


def test_the_first_view_takes_at_most_six_requests_of_data(page: Page, recorded: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if is_data(request) else None)
    open_job(page, recorded)
    page.wait_for_load_state("load")
    completed(page)
    assert len(asked) <= 6, asked


def test_a_job_that_trains_is_seen_to_go_on_and_to_be_cancelled(site: Site, page: Page) -> None:
    open_job(page, site.running(name="live"))
    expect(page.locator("#curves")).to_contain_text("Following")
    step = page.locator("#head .row", has_text="step").first
    before, last = step.inner_text(), description_of(page, "loss")["domain"][1]
    expect(step).not_to_have_text(before)
    until_described(page, "loss", f"described.domain[1] > {last}")
    page.locator("#head").get_by_role("button", name="Cancel").click()
    expect(page.locator("#head")).to_contain_text("⊘ cancelled")
    expect(page.locator("#head").get_by_role("button", name="Delete")).to_be_visible()


def test_a_retry_is_a_job_of_its_own_to_which_the_page_leads(site: Site, page: Page) -> None:
    job_id = site.running(name="again")
    site.client.post(f"/jobs/{job_id}/cancel").raise_for_status()
    site.ended(job_id)
    open_job(page, job_id)
    page.locator("#head").get_by_role("button", name="Retry").click()
    page.wait_for_url(lambda url: url.split("/")[-1] > job_id)
    expect(page.locator("#title")).to_contain_text("again")
    page.locator("#head").get_by_role("button", name="Cancel").click()
    expect(page.locator("#head")).to_contain_text("⊘ cancelled")


def test_a_running_job_says_who_trains_it_and_when_that_was_heard_from(site: Site, page: Page) -> None:
    job_id = site.running()
    worker = site.job(job_id)["attempts"][-1]["worker"]
    open_job(page, job_id)
    head = page.locator("#head")
    expect(head).to_contain_text(f"trained by {worker}")
    expect(head).to_contain_text(re.compile(rf"trained by {worker}, heard from \d+\.\d s ago"))
    site.client.post(f"/jobs/{job_id}/cancel")
    expect(head).not_to_contain_text("trained by")


def test_a_worker_that_is_not_heard_from_is_said_not_to_be(site: Site, page: Page) -> None:
    job_id = site.running()
    told = site.client.get("/workers").json() | {"workers": []}
    page.route("**/workers", lambda route: route.fulfill(json=told))
    open_job(page, job_id)
    expect(page.locator("#head")).to_contain_text("not heard from for more than 10 s")
    site.client.post(f"/jobs/{job_id}/cancel")


def test_latest_says_that_there_is_a_newer_job_and_stays(site: Site, page: Page) -> None:
    site.ended(site.submit(name="older"))
    page.goto("/ui/jobs/latest")
    expect(page.get_by_role("heading", level=1)).to_have_text("older")
    site.submit(name="just submitted")
    newer = page.locator("#newer")
    expect(newer).to_have_text("A newer job: just submitted")
    expect(page.get_by_role("heading", level=1)).to_have_text("older")
    newer.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("just submitted")


def test_a_job_that_was_named_says_nothing_of_newer_ones(site: Site, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    job_id = site.running()
    open_job(page, job_id)
    site.submit(name="another")
    expect(page.locator("#head")).to_contain_text("heard from")  # which is asked for at the same time
    expect(page.locator("#newer")).to_be_empty()
    assert not [url for url in asked if "limit=1" in url]
    site.client.post(f"/jobs/{job_id}/cancel")


def test_a_job_and_its_twin_lead_to_each_other(site: Site, page: Page) -> None:
    job_id = site.submit(name="normalized", metadata={"note": "kept"})
    open_job(page, job_id)
    page.get_by_role("button", name="The same without BN").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("normalized, without BN")
    twin_id = page.url.rpartition("/")[2]
    back = page.get_by_role("link", name="The same with BN: normalized", exact=True)
    expect(back).to_have_attribute("href", job_id)
    back.click()
    there = page.get_by_role("link", name="The same without BN: normalized, without BN")
    expect(there).to_have_attribute("href", twin_id)
    expect(page.get_by_role("button", name="The same without BN")).to_have_count(0)
    assert site.job(job_id)["metadata"] == {"note": "kept", "twin": twin_id}
    copied = site.client.post("/jobs", params={"like": job_id}, json={"name": "copy"}).json()["id"]
    open_job(page, copied)
    completed(page)
    expect(page.get_by_role("button", name="The same without BN")).to_be_visible()
    site.ended(twin_id)
    site.client.delete(f"/jobs/{twin_id}").raise_for_status()
    open_job(page, job_id)
    completed(page)
    expect(page.get_by_role("button", name="The same without BN")).to_be_visible()


@pytest.mark.parametrize("hours", [-1, 1])
def test_ages_and_times_left_are_by_the_servers_clock(site: Site, page: Page, hours: int) -> None:
    page.add_init_script(f"const own = Date.now; Date.now = () => own() + {hours} * 3_600_000;")
    job_id = site.running()
    open_job(page, job_id)
    expect(page.locator("#head")).to_contain_text(re.compile(r"made (just now|\d+ s ago)"))
    expect(page.locator("#head")).not_to_contain_text("ran for")
    eta = site.job(job_id)["progress"]["eta_seconds"]
    expect(page.locator("#head")).to_contain_text(" left" if eta else "0 %")
    site.client.post(f"/jobs/{job_id}/cancel")


def test_without_findings_it_says_how_many_rules_looked_how_far(page: Page, site: Site, recorded: str) -> None:
    told = site.client.get(f"/jobs/{recorded}/findings").json()
    told |= {"findings": []}
    page.route(re.compile(r"/findings$"), lambda route: route.fulfill(json=told))
    open_job(page, recorded)
    expect(page.locator("#findings")).to_contain_text(
        f"Nothing wrong found by {len(told['rules'])} rules, up to step 300."
    )


def test_before_anything_is_recorded_no_rule_is_said_to_have_looked(page: Page, site: Site, recorded: str) -> None:
    told = site.client.get(f"/jobs/{recorded}/findings").json()
    told |= {"findings": [], "watermark": None}
    page.route(re.compile(r"/findings$"), lambda route: route.fulfill(json=told))
    open_job(page, recorded)
    expect(page.locator("#findings")).to_contain_text("17 rules will look at what is recorded; nothing is yet.")
    expect(page.locator("#findings")).not_to_contain_text("Nothing wrong")


def test_a_finding_leads_to_its_layer_its_step_and_its_statistic(page: Page, site: Site) -> None:
    job_id = site.submit(
        batch_norm=False,
        architecture={"preset": "mlp", "hidden": [100] * 8, "activation": "sigmoid"},
        training={"steps": 600},
    )
    site.ended(job_id)
    found = site.client.get(f"/jobs/{job_id}/findings").json()["findings"]
    finding = next(each for each in found if each["layer"] and each["step"] is not None)
    open_job(page, job_id)
    item = page.locator("#findings li", has_text=finding["sentence"])
    expect(item).to_contain_text(finding["remedy"])
    item.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile(rf"[?&]step={finding['step']}\b"))
    assert query_of(page)["layer"] == finding["layer"]
    assert query_of(page)["statistic"] == page.locator("#inside").get_by_label("Statistic").input_value()
    expect(page.locator("#inside")).to_be_focused()
    expect(page.locator("#inside")).to_be_in_viewport()
    item.get_by_role("button", name="Try it with BN").click()
    expect(page.locator("#head")).to_contain_text("with batch normalization")
    twin = site.job(page.url.rpartition("/")[2])
    assert (twin["batch_norm"], twin["spec"]["architecture"]["hidden"]) == (True, [100] * 8)


def test_every_statistic_that_a_finding_shows_is_one_and_belongs_to_a_rule(page: Page) -> None:
    page.goto("/ui/workers")
    shown = run_module(page, "findings", "m.SHOWN")
    assert shown.keys() <= {rule.name for rule in RULES}
    assert set(shown.values()) <= set(run_module(page, "inside/statistics", "m.STATISTICS.map((each) => each.name)"))


def test_a_job_that_is_deleted_while_it_is_open_says_so(site: Site, page: Page, watched: Watched) -> None:
    watched.expected.append("410")  # what was asked for just then
    job_id = site.submit(name="short-lived")
    site.ended(job_id)
    running = site.running()
    open_job(page, running)
    for each in (job_id, running):
        site.client.post(f"/jobs/{each}/cancel")
        site.ended(each)
        site.client.delete(f"/jobs/{each}").raise_for_status()
    expect(page.locator("#status")).to_contain_text("This job was deleted")
    assert page.locator("#head").get_by_role("button").count() == 0


def test_deleting_asks_first_and_leads_to_the_list(site: Site, page: Page, watched: Watched) -> None:
    watched.expected.append("410")  # the page may ask for the job once more
    job_id = site.submit(name="unwanted")
    site.ended(job_id)
    open_job(page, job_id)
    page.locator("#head").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    assert site.job(job_id)["status"] == "succeeded"
    page.locator("#head").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url(re.compile(r"/ui/$"))


def test_nonsense_in_the_address_is_said_and_ignored(page: Page, recorded: str) -> None:
    page.goto(f"/ui/jobs/{recorded}?from=x&y=cubic&flavour=%3Cb%3E&step=-3")
    expect(page.locator("#status")).to_contain_text("Not understood in this address, and ignored: from=x, y=cubic")
    assert description_of(page, "loss")["domain"] == [0, 300]


def test_a_range_that_ends_before_it_begins_is_said_and_ignored(page: Page, recorded: str) -> None:
    page.goto(f"/ui/jobs/{recorded}?from=200&to=100")
    expect(page.locator("#status")).to_contain_text("from=200, to=100")
    assert description_of(page, "loss")["domain"] == [0, 300]


def test_a_job_that_is_not_there_is_said_not_to_be(page: Page, watched: Watched) -> None:
    watched.expected.append("404")
    page.goto("/ui/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV")
    expect(page.locator("#status")).to_contain_text("01ARZ3NDEKTSV4RRFFQ69G5FAV")


def test_latest_is_the_newest_job(site: Site, page: Page) -> None:
    job_id = site.submit(name="newest")
    page.goto("/ui/jobs/latest")
    page.wait_for_url(re.compile(job_id))
    expect(page.get_by_role("heading", level=1)).to_have_text("newest")


def test_the_page_goes_on_by_itself_when_the_server_is_back(site: Site, page: Page, watched: Watched) -> None:
    watched.expected += ["ERR_INTERNET_DISCONNECTED", "Failed to load resource"]
    open_job(page, site.running())
    page.context.set_offline(True)
    expect(page.locator("#status")).to_contain_text("The server does not answer")
    last = description_of(page, "loss")["domain"][1]
    page.context.set_offline(False)
    until_described(page, "loss", f"described.domain[1] > {last}")
    expect(page.locator("#status")).to_contain_text("The server is back.")


def test_a_name_with_markup_is_text(site: Site, page: Page) -> None:
    name = "<img src=x onerror=alert(1)>‮" + "w" * 150
    job_id = site.submit(name=name, tags=["<i>tag</i>"])
    site.ended(job_id)
    page.set_viewport_size({"width": 320, "height": 700})
    open_job(page, job_id)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("#head")).to_contain_text("<i>tag</i>")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("query", ["", "?smooth=100&y=log&from=20&to=200"])
def test_axe_has_nothing_against_it_in_either_theme(page: Page, recorded: str, query: str) -> None:
    page.goto(f"/ui/jobs/{recorded}{query}")
    expect(curve(page, "loss").locator("figcaption")).to_contain_text("1 point =")
    assert violations_in_both_themes(page) == []
