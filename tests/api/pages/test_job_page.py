"""A job's page: what the job is, what is wrong with it, its curves, live; and what happens to it while it is open."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from jobs.findings.table import RULES
from tests.api.pages.conftest import Site
from tests.support.browser import Watched, violations_in_both_themes

MODULE = """async (name) => {
  const folder = document.querySelector("script[type=module]").src.replace(/pages\\/[^/]*$/, "");
  const m = await import(`${folder}pages/job/${name}.js`);
  return CODE;
}"""


def test_the_head_says_what_the_job_is_and_what_may_be_done_with_it(site: Site, page: Page, recorded: str) -> None:
    _open(page, recorded)
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


def test_training_and_test_set_are_in_one_chart_and_its_foot_says_what_a_point_is(page: Page, recorded: str) -> None:
    _open(page, recorded)
    described = _described(page, "loss")
    assert "training set falls from" in described["sentence"]
    assert "test set" in described["sentence"]
    assert described["domain"] == [0, 300]
    expect(_chart(page, "loss").locator("figcaption")).to_contain_text("1 point = 1 step")


def test_the_first_view_takes_at_most_six_requests_of_data(page: Page, recorded: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if _is_data(request) else None)
    _open(page, recorded)
    page.wait_for_load_state("load")
    _completed(page)
    assert len(asked) <= 6, asked


def test_a_job_that_trains_is_seen_to_go_on_and_to_be_cancelled(site: Site, page: Page) -> None:
    _open(page, site.running(name="live"))
    expect(page.locator("#curves")).to_contain_text("Following")
    step = page.locator("#head .row", has_text="step").first
    before, last = step.inner_text(), _described(page, "loss")["domain"][1]
    expect(step).not_to_have_text(before)
    _until(page, "loss", f"described.domain[1] > {last}")
    page.locator("#head").get_by_role("button", name="Cancel").click()
    expect(page.locator("#head")).to_contain_text("⊘ cancelled")
    expect(page.locator("#head").get_by_role("button", name="Delete")).to_be_visible()


def test_a_retry_is_a_job_of_its_own_to_which_the_page_leads(site: Site, page: Page) -> None:
    job_id = site.running(name="again")
    site.client.post(f"/jobs/{job_id}/cancel").raise_for_status()
    site.ended(job_id)
    _open(page, job_id)
    page.locator("#head").get_by_role("button", name="Retry").click()
    page.wait_for_url(lambda url: url.split("/")[-1] > job_id)
    expect(page.locator("#title")).to_contain_text("again")
    page.locator("#head").get_by_role("button", name="Cancel").click()
    expect(page.locator("#head")).to_contain_text("⊘ cancelled")


def test_zooming_asks_for_finer_data_and_back_takes_it_back(site: Site, page: Page) -> None:
    job_id = site.submit(training={"steps": 2000}, evaluation={"every": 500})
    site.ended(job_id)
    _open(page, job_id)
    assert _described(page, "loss")["bucketWidth"] == 8
    foot = _chart(page, "loss").locator("figcaption")
    expect(foot).to_contain_text("1 point = 8 steps, band = least to greatest")
    plot = _plot(page, "loss")
    plot.press("Home")
    for _ in range(3):
        before = _described(page, "loss")["domain"]
        plot.press("+")
        _until(page, "loss", f"described.domain[1] < {before[1]}")
    _until(page, "loss", "described.bucketWidth === 1")
    expect(foot).to_contain_text("1 point = 1 step")
    expect(page.locator("#curves")).to_contain_text("Zoomed")
    assert {"from", "to"} <= _query(page).keys()
    domains = [_described(page, key)["domain"][1] for key in ("loss", "accuracy")]
    assert domains[0] == domains[1] < 600
    page.go_back()
    _until(page, "loss", f"described.domain[1] > {domains[0]}")
    plot.press("Escape")
    _until(page, "loss", "described.domain[1] === 2000")
    assert not {"from", "to"} & _query(page).keys()


@pytest.mark.parametrize("axis", ["step", "epoch", "time"])
def test_minus_zooms_out_to_all_that_is_recorded_and_never_beyond(page: Page, recorded: str, axis: str) -> None:
    page.goto(f"/ui/jobs/{recorded}?x={axis}&from=140&to=160")
    _until(page, "loss", "described.points === 21")
    points = 21
    while points < 300:
        _plot(page, "loss").press("-")
        _until(page, "loss", f"described.points > {points}")
        points = _described(page, "loss")["points"]
    expect(page.locator("#curves")).not_to_contain_text("Zoomed")
    assert not {"from", "to"} & _query(page).keys()


def test_minus_on_the_whole_run_is_no_zoom(page: Page, recorded: str) -> None:
    _open(page, recorded)
    _plot(page, "loss").press("-")
    _plot(page, "loss").press("End")
    page.wait_for_url(re.compile("step=300"))
    assert not {"from", "to"} & _query(page).keys()
    expect(page.locator("#curves")).not_to_contain_text("Zoomed")


def test_gradient_norm_and_learning_rate_are_in_a_fold_that_the_address_knows(page: Page, recorded: str) -> None:
    _open(page, recorded)
    expect(_plot(page, "accuracy")).to_be_visible()
    expect(_plot(page, "gradient")).to_be_hidden()
    page.get_by_text("More curves").click()
    page.wait_for_url(re.compile("open=more"))
    page.reload()
    for key in ("gradient", "rate"):
        expect(_chart(page, key).locator("svg text").first).to_be_visible()


def test_what_is_not_finite_is_in_the_table_and_in_the_file_of_its_chart(site: Site, page: Page) -> None:
    training = {"steps": 40, "optimizer": {"kind": "sgd", "learning_rate": 1e30}, "on_non_finite": "continue"}
    network = {"preset": "mlp", "hidden": [20] * 3, "activation": "relu"}
    job_id = site.submit(batch_norm=False, architecture=network, training=training, evaluation={"every": 20})
    site.ended(job_id)
    answer = site.client.get("/series", params={"jobs": job_id, "names": "train.loss"}).json()["jobs"][job_id]
    [[first, last, kind]] = answer["nonfinite"]["train.loss"]
    assert last == 40
    _open(page, job_id)
    for chart in (_chart(page, "loss"), page.locator("[data-chart='map']")):
        chart.get_by_text("Data", exact=True).click()
        with page.expect_download() as download:
            chart.get_by_role("button", name="CSV").click()
        rows = [line.split(",") for line in Path(download.value.path()).read_text().splitlines()]
        found = {int(step): values for step, *values in rows[1:]}
        assert {kind in found[step] for step in range(first, last + 1)} == {True}
        chart.get_by_role("button", name="Table").click()
        expect(chart.get_by_role("row").filter(has_text=re.compile("^40")).first).to_contain_text(kind)
    expect(page.locator("[data-chart='map'] figcaption")).to_contain_text("Hatched: not finite.")
    network = page.locator("[data-chart='network'] figure").evaluate("(figure) => figure.describe().sentence")
    assert "hidden2, linear to 20: not finite" in network
    assert "flatten, flatten to 784: not measured" in network
    texts = _chart(page, "loss").locator("svg text").all_text_contents()
    numbers = [text for text in texts if text.startswith("2.")]
    assert 2 < len(numbers) == len(set(numbers))  # all of them near ln 10


def test_a_running_job_says_who_trains_it_and_when_that_was_heard_from(site: Site, page: Page) -> None:
    job_id = site.running()
    worker = site.job(job_id)["attempts"][-1]["worker"]
    _open(page, job_id)
    head = page.locator("#head")
    expect(head).to_contain_text(f"trained by {worker}")
    expect(head).to_contain_text(re.compile(rf"trained by {worker}, heard from \d+\.\d s ago"))
    site.client.post(f"/jobs/{job_id}/cancel")
    expect(head).not_to_contain_text("trained by")


def test_a_worker_that_is_not_heard_from_is_said_not_to_be(site: Site, page: Page) -> None:
    job_id = site.running()
    told = site.client.get("/workers").json() | {"workers": []}
    page.route("**/workers", lambda route: route.fulfill(json=told))
    _open(page, job_id)
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
    _open(page, job_id)
    site.submit(name="another")
    expect(page.locator("#head")).to_contain_text("heard from")  # which is asked for at the same time
    expect(page.locator("#newer")).to_be_empty()
    assert not [url for url in asked if "limit=1" in url]
    site.client.post(f"/jobs/{job_id}/cancel")


def test_a_job_and_its_twin_lead_to_each_other(site: Site, page: Page) -> None:
    job_id = site.submit(name="normalized", metadata={"note": "kept"})
    _open(page, job_id)
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
    _open(page, copied)
    _completed(page)
    expect(page.get_by_role("button", name="The same without BN")).to_be_visible()
    site.ended(twin_id)
    site.client.delete(f"/jobs/{twin_id}").raise_for_status()
    _open(page, job_id)
    _completed(page)
    expect(page.get_by_role("button", name="The same without BN")).to_be_visible()


@pytest.mark.parametrize("hours", [-1, 1])
def test_ages_and_times_left_are_by_the_servers_clock(site: Site, page: Page, hours: int) -> None:
    page.add_init_script(f"const own = Date.now; Date.now = () => own() + {hours} * 3_600_000;")
    job_id = site.running()
    _open(page, job_id)
    expect(page.locator("#head")).to_contain_text(re.compile(r"made (just now|\d+ s ago)"))
    expect(page.locator("#head")).not_to_contain_text("ran for")
    eta = site.job(job_id)["progress"]["eta_seconds"]
    expect(page.locator("#head")).to_contain_text(" left" if eta else "0 %")
    site.client.post(f"/jobs/{job_id}/cancel")


def test_on_a_narrow_page_lines_are_named_above_their_chart(page: Page, recorded: str) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    _open(page, recorded)
    legend = _chart(page, "loss").locator(".chart-legend")
    expect(legend).to_have_text("training settest set")
    samples = legend.locator(".sample").evaluate_all(
        "(all) => all.map((each) => getComputedStyle(each).backgroundColor)"
    )
    assert len(set(samples)) == 2
    page.set_viewport_size({"width": 1000, "height": 800})
    expect(legend).to_be_empty()
    expect(_chart(page, "loss").locator("svg")).to_contain_text("training set")


def test_the_cursor_stands_in_the_address_and_is_there_again(page: Page, recorded: str) -> None:
    _open(page, recorded)
    _plot(page, "loss").press("End")
    _plot(page, "loss").press("Shift+ArrowLeft")
    page.wait_for_url(re.compile(r"[?&]step=290\b"))
    page.reload()
    _plot(page, "loss").press("ArrowRight")
    expect(_chart(page, "loss").locator(".readout")).to_contain_text("step 291")


def test_axes_and_smoothing_stand_in_the_address_and_the_raw_line_stays(page: Page, recorded: str) -> None:
    _open(page, recorded)
    curves = page.locator("#curves")
    curves.get_by_label("x axis").select_option("epoch")
    curves.get_by_label("Smoothing").select_option("10")
    expect(_chart(page, "loss").locator("figcaption")).to_contain_text("thick: mean of the last 10 steps")
    assert _described(page, "loss")["domain"][1] < 300
    assert _query(page).items() >= {("x", "epoch"), ("smooth", "10")}


def test_without_findings_it_says_how_many_rules_looked_how_far(page: Page, site: Site, recorded: str) -> None:
    told = site.client.get(f"/jobs/{recorded}/findings").json()
    told |= {"findings": []}
    page.route(re.compile(r"/findings$"), lambda route: route.fulfill(json=told))
    _open(page, recorded)
    expect(page.locator("#findings")).to_contain_text(
        f"Nothing wrong found by {len(told['rules'])} rules, up to step 300."
    )


def test_before_anything_is_recorded_no_rule_is_said_to_have_looked(page: Page, site: Site, recorded: str) -> None:
    told = site.client.get(f"/jobs/{recorded}/findings").json()
    told |= {"findings": [], "watermark": None}
    page.route(re.compile(r"/findings$"), lambda route: route.fulfill(json=told))
    _open(page, recorded)
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
    _open(page, job_id)
    item = page.locator("#findings li", has_text=finding["sentence"])
    expect(item).to_contain_text(finding["remedy"])
    item.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile(rf"[?&]step={finding['step']}\b"))
    assert _query(page)["layer"] == finding["layer"]
    assert _query(page)["statistic"] == page.locator("#inside").get_by_label("Statistic").input_value()
    expect(page.locator("#inside")).to_be_focused()
    expect(page.locator("#inside")).to_be_in_viewport()
    item.get_by_role("button", name="Try it with BN").click()
    expect(page.locator("#head")).to_contain_text("with batch normalization")
    twin = site.job(page.url.rpartition("/")[2])
    assert (twin["batch_norm"], twin["spec"]["architecture"]["hidden"]) == (True, [100] * 8)


def test_every_statistic_that_a_finding_shows_is_one_and_belongs_to_a_rule(page: Page) -> None:
    page.goto("/ui/workers")
    shown = _run(page, "findings", "m.SHOWN")
    assert shown.keys() <= {rule.name for rule in RULES}
    assert set(shown.values()) <= set(_run(page, "inside/statistics", "m.STATISTICS.map((each) => each.name)"))


def test_a_job_that_is_deleted_while_it_is_open_says_so(site: Site, page: Page, watched: Watched) -> None:
    watched.expected.append("410")  # what was asked for just then
    job_id = site.submit(name="short-lived")
    site.ended(job_id)
    running = site.running()
    _open(page, running)
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
    _open(page, job_id)
    page.locator("#head").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    assert site.job(job_id)["status"] == "succeeded"
    page.locator("#head").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url(re.compile(r"/ui/$"))


def test_nonsense_in_the_address_is_said_and_ignored(page: Page, recorded: str) -> None:
    page.goto(f"/ui/jobs/{recorded}?from=x&y=cubic&flavour=%3Cb%3E&step=-3")
    expect(page.locator("#status")).to_contain_text("Not understood in this address, and ignored: from=x, y=cubic")
    assert _described(page, "loss")["domain"] == [0, 300]


def test_a_range_that_ends_before_it_begins_is_said_and_ignored(page: Page, recorded: str) -> None:
    page.goto(f"/ui/jobs/{recorded}?from=200&to=100")
    expect(page.locator("#status")).to_contain_text("from=200, to=100")
    assert _described(page, "loss")["domain"] == [0, 300]


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
    _open(page, site.running())
    page.context.set_offline(True)
    expect(page.locator("#status")).to_contain_text("The server does not answer")
    last = _described(page, "loss")["domain"][1]
    page.context.set_offline(False)
    _until(page, "loss", f"described.domain[1] > {last}")
    expect(page.locator("#status")).to_contain_text("The server is back.")


def test_a_name_with_markup_is_text(site: Site, page: Page) -> None:
    name = "<img src=x onerror=alert(1)>‮" + "w" * 150
    job_id = site.submit(name=name, tags=["<i>tag</i>"])
    site.ended(job_id)
    page.set_viewport_size({"width": 320, "height": 700})
    _open(page, job_id)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("#head")).to_contain_text("<i>tag</i>")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("query", ["", "?smooth=100&y=log&from=20&to=200"])
def test_axe_has_nothing_against_it_in_either_theme(page: Page, recorded: str, query: str) -> None:
    page.goto(f"/ui/jobs/{recorded}{query}")
    expect(_chart(page, "loss").locator("figcaption")).to_contain_text("1 point =")
    assert violations_in_both_themes(page) == []


@pytest.mark.parametrize(
    ("means", "over", "smoothed"),
    [
        ([1, 2, 3, 4], 2, [1, 1.5, 2.5, 3.5]),
        ([1, None, 3], 2, [1, 1, 3]),
        ([None, None], 10, [None, None]),
        ([5], 100, [5]),
    ],
)
def test_smoothing_is_the_mean_of_the_last_steps(page: Page, means: list[Any], over: int, smoothed: list[Any]) -> None:
    page.goto("/ui/workers")
    steps = list(range(1, len(means) + 1))
    assert _run(page, "curve_models", f"m.smoothed({steps}, {json.dumps(means)}, {over})") == smoothed


def test_series_that_are_nowhere_finite_or_one_point_are_drawn(page: Page) -> None:
    page.goto("/ui/workers")
    table = (
        "{step: [STEPS], time: [STEPS], 'train.loss': [VALUES], 'train.loss.min': [VALUES], 'train.loss.max': [VALUES]}"
    )
    for steps, values, runs in (("1, 2", "null, null", "[[1, 2, 'NaN']]"), ("1", "0.5", "[]")):
        answer = f"{{tables: {{train: {table}}}, sampled: false, nonfinite: {{'train.loss': {runs}}}}}"
        answer = answer.replace("STEPS", steps).replace("VALUES", values)
        options = "{axis: m.axisOf('step', {}), log: false, smooth: 0, cursor: null, marks: [1], all: false}"
        model = _run(page, "curve_models", f"m.curveModel(m.CHARTS[0], {answer}, {options})")
        assert model["series"][0]["nonfinite"] == ([[1, "NaN", 2]] if runs != "[]" else [])
        assert model["marks"] == [{"x": 1, "label": "resumed"}]


def _completed(page: Page) -> None:
    page.wait_for_function("() => performance.getEntriesByName('complete').length")


def _open(page: Page, job_id: str) -> None:
    page.goto(f"/ui/jobs/{job_id}")
    expect(_chart(page, "loss").locator("figcaption")).to_contain_text("1 point =")


def _chart(page: Page, key: str) -> Locator:
    return page.locator(f"#curves [data-chart='{key}']")


def _plot(page: Page, key: str) -> Locator:
    return _chart(page, key).locator(".plot")


def _described(page: Page, key: str) -> dict[str, Any]:
    found: dict[str, Any] = _chart(page, key).locator("figure").evaluate("(figure) => figure.describe()")
    return found


def _until(page: Page, key: str, holds: str) -> None:
    """Wait until what a chart says of itself is so."""
    figure = _chart(page, key).locator("figure").element_handle()
    page.wait_for_function(f"(figure) => {{ const described = figure.describe(); return {holds}; }}", arg=figure)


def _query(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def _is_data(request: Request) -> bool:
    return request.resource_type == "fetch"


def _run(page: Page, module: str, code: str) -> Any:
    """What an expression gives in which `m` is a module of the job's page."""
    return page.evaluate(MODULE.replace("CODE", code), module)
