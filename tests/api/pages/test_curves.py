"""The curves of a job's page: axes, zoom, cursor, smoothing, and what is not finite."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.pages.conftest import Site
from tests.api.pages.looks import curve, description_of, open_job, plot_of, query_of, run_module, until_described


def test_training_and_test_set_are_in_one_chart_and_its_foot_says_what_a_point_is(page: Page, recorded: str) -> None:
    open_job(page, recorded)
    described = description_of(page, "loss")
    assert "training set falls from" in described["sentence"]
    assert "test set" in described["sentence"]
    assert described["domain"] == [0, 300]
    expect(curve(page, "loss").locator("figcaption")).to_contain_text("1 point = 1 step")


@pytest.fixture(scope="module")
def stopped(site: Site) -> dict[str, Any]:
    """A job that held examples out, and was stopped by them."""
    stop = {"metric": "validation.loss", "patience": 2}
    return site.ended(
        site.submit(
            data={"dataset": "synthetic", "batch_size": 50, "validation": 0.1, "train_samples": 2000},
            training={"steps": 2000, "optimizer": {"learning_rate": 0.5}, "stop": stop},
            evaluation={"every": 20, "keep": "best"},
        )
    )


def test_what_is_held_out_has_its_own_line_and_what_it_decided_is_marked_and_told(
    page: Page, stopped: dict[str, Any]
) -> None:
    open_job(page, stopped["id"])
    for key in ("loss", "accuracy"):
        described = description_of(page, key)
        assert "validation part" in described["sentence"]
        assert described["marks"] == 2
        for word in ("kept", "stopped", "validation part"):
            expect(curve(page, key).locator("svg text", has_text=word)).to_have_count(1)
    head = page.locator("#head")
    expect(head).to_contain_text("10 % held out for validation")
    expect(head).to_contain_text(stopped["stopped"]["message"][1:])
    expect(head).to_contain_text(f"100 %, step {stopped['stopped']['step']}")
    expect(head).to_contain_text("Best validation accuracy")
    expect(head).to_contain_text(re.compile(rf"Kept is .* validation loss [\d.]+ at step {stopped['kept']['step']}\."))
    page.locator("#record-events summary").click()
    expect(page.get_by_role("region", name="Events").get_by_role("row").filter(has_text="in a row")).to_contain_text(
        "stoppedinfo1"
    )
    curve(page, "loss").get_by_text("Data", exact=True).click()
    with page.expect_download() as download:
        curve(page, "loss").get_by_role("button", name="CSV").click()
    assert "validation part" in Path(download.value.path()).read_text().splitlines()[0]


def test_zooming_asks_for_finer_data_and_back_takes_it_back(site: Site, page: Page) -> None:
    job_id = site.submit(training={"steps": 2000}, evaluation={"every": 500})
    site.ended(job_id)
    open_job(page, job_id)
    assert description_of(page, "loss")["bucketWidth"] == 8
    foot = curve(page, "loss").locator("figcaption")
    expect(foot).to_contain_text("1 point = 8 steps, band = least to greatest")
    plot = plot_of(page, "loss")
    plot.press("Home")
    for _ in range(3):
        before = description_of(page, "loss")["domain"]
        plot.press("+")
        until_described(page, "loss", f"described.domain[1] < {before[1]}")
    until_described(page, "loss", "described.bucketWidth === 1")
    expect(foot).to_contain_text("1 point = 1 step")
    expect(page.locator("#curves")).to_contain_text("Zoomed")
    assert {"from", "to"} <= query_of(page).keys()
    domains = [description_of(page, key)["domain"][1] for key in ("loss", "accuracy")]
    assert domains[0] == domains[1] < 600
    page.go_back()
    until_described(page, "loss", f"described.domain[1] > {domains[0]}")
    plot.press("Escape")
    until_described(page, "loss", "described.domain[1] === 2000")
    assert not {"from", "to"} & query_of(page).keys()


@pytest.mark.parametrize("axis", ["step", "epoch", "time"])
def test_minus_zooms_out_to_all_that_is_recorded_and_never_beyond(page: Page, recorded: str, axis: str) -> None:
    page.goto(f"/ui/jobs/{recorded}?x={axis}&from=140&to=160")
    until_described(page, "loss", "described.points === 21")
    points = 21
    while points < 300:
        plot_of(page, "loss").press("-")
        until_described(page, "loss", f"described.points > {points}")
        points = description_of(page, "loss")["points"]
    expect(page.locator("#curves")).not_to_contain_text("Zoomed")
    assert not {"from", "to"} & query_of(page).keys()


def test_minus_on_the_whole_run_is_no_zoom(page: Page, recorded: str) -> None:
    open_job(page, recorded)
    plot_of(page, "loss").press("-")
    plot_of(page, "loss").press("End")
    page.wait_for_url(re.compile("step=300"))
    assert not {"from", "to"} & query_of(page).keys()
    expect(page.locator("#curves")).not_to_contain_text("Zoomed")


def test_gradient_norm_and_learning_rate_are_in_a_fold_that_the_address_knows(page: Page, recorded: str) -> None:
    open_job(page, recorded)
    expect(plot_of(page, "accuracy")).to_be_visible()
    expect(plot_of(page, "gradient")).to_be_hidden()
    page.get_by_text("More curves").click()
    page.wait_for_url(re.compile("open=more"))
    page.reload()
    for key in ("gradient", "rate"):
        expect(curve(page, key).locator("svg text").first).to_be_visible()


def test_what_is_not_finite_is_in_the_table_and_in_the_file_of_its_chart(site: Site, page: Page) -> None:
    training = {"steps": 40, "optimizer": {"kind": "sgd", "learning_rate": 1e30}, "on_non_finite": "continue"}
    network = {"preset": "mlp", "hidden": [20] * 3, "activation": "relu"}
    job_id = site.submit(batch_norm=False, architecture=network, training=training, evaluation={"every": 20})
    site.ended(job_id)
    answer = site.client.get("/series", params={"jobs": job_id, "names": "train.loss"}).json()["jobs"][job_id]
    [[first, last, kind]] = answer["nonfinite"]["train.loss"]
    assert last == 40
    open_job(page, job_id)
    for chart in (curve(page, "loss"), page.locator("[data-chart='map']")):
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
    texts = curve(page, "loss").locator("svg text").all_text_contents()
    numbers = [text for text in texts if text.startswith("2.")]
    assert 2 < len(numbers) == len(set(numbers))  # all of them near ln 10


def test_on_a_narrow_page_lines_are_named_above_their_chart(page: Page, recorded: str) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    open_job(page, recorded)
    legend = curve(page, "loss").locator(".chart-legend")
    expect(legend).to_have_text("training settest set")
    samples = legend.locator(".sample").evaluate_all(
        "(all) => all.map((each) => getComputedStyle(each).backgroundColor)"
    )
    assert len(set(samples)) == 2
    page.set_viewport_size({"width": 1000, "height": 800})
    expect(legend).to_be_empty()
    expect(curve(page, "loss").locator("svg")).to_contain_text("training set")


def test_the_cursor_stands_in_the_address_and_is_there_again(page: Page, recorded: str) -> None:
    open_job(page, recorded)
    plot_of(page, "loss").press("End")
    plot_of(page, "loss").press("Shift+ArrowLeft")
    page.wait_for_url(re.compile(r"[?&]step=290\b"))
    page.reload()
    plot_of(page, "loss").press("ArrowRight")
    expect(curve(page, "loss").locator(".readout")).to_contain_text("step 291")


def test_axes_and_smoothing_stand_in_the_address_and_the_raw_line_stays(page: Page, recorded: str) -> None:
    open_job(page, recorded)
    curves = page.locator("#curves")
    curves.get_by_label("x axis").select_option("epoch")
    curves.get_by_label("Smoothing").select_option("10")
    expect(curve(page, "loss").locator("figcaption")).to_contain_text("thick: mean of the last 10 steps")
    assert description_of(page, "loss")["domain"][1] < 300
    assert query_of(page).items() >= {("x", "epoch"), ("smooth", "10")}


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
    assert run_module(page, "curve_models", f"m.smoothed({steps}, {json.dumps(means)}, {over})") == smoothed


def test_series_that_are_nowhere_finite_or_one_point_are_drawn(page: Page) -> None:
    page.goto("/ui/workers")
    table = (
        "{step: [STEPS], time: [STEPS], 'train.loss': [VALUES], 'train.loss.min': [VALUES], 'train.loss.max': [VALUES]}"
    )
    for steps, values, runs in (("1, 2", "null, null", "[[1, 2, 'NaN']]"), ("1", "0.5", "[]")):
        answer = f"{{tables: {{train: {table}}}, sampled: false, nonfinite: {{'train.loss': {runs}}}}}"
        answer = answer.replace("STEPS", steps).replace("VALUES", values)
        marks = "m.markedSteps([1], {})"
        options = f"{{axis: m.axisOf('step', {{}}), log: false, smooth: 0, cursor: null, marks: {marks}, all: false}}"
        model = run_module(page, "curve_models", f"m.curveModel(m.CHARTS[0], {answer}, {options})")
        assert model["series"][0]["nonfinite"] == ([[1, "NaN", 2]] if runs != "[]" else [])
        assert model["marks"] == [{"x": 1, "label": "resumed"}]
