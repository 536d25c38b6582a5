"""What a job's page shows of its layers: the map, the network, opened layers, batch normalization and diagnostics."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from bn.architecture.measures import DIAGNOSTIC_NAMES
from jobs.series.format.columns import OF_ACTIVATION, OF_BATCH_NORM, OF_TAP, OF_WEIGHT
from tests.api.pages.conftest import Site
from tests.api.pages.looks import run_module
from tests.support.browser import violations_in_both_themes

HIDDEN = ["hidden1", "hidden2", "hidden3"]


def test_the_map_has_the_layers_in_the_networks_order(page: Page, recorded: str) -> None:
    _open(page, recorded)
    texts = _chart(page, "map").locator("svg text").all_text_contents()
    assert [text for text in texts if text in HIDDEN] == HIDDEN
    described = _chart(page, "network").locator("figure").evaluate("(figure) => figure.describe()")
    assert described["rows"] == ["flatten", *HIDDEN, "output"]


def test_the_cursor_of_the_map_recolours_the_network_without_a_request(page: Page, recorded: str) -> None:
    _open(page, recorded, statistic="gradient_norm")
    network, depth = _chart(page, "network"), _chart(page, "depth")
    expect(network).to_contain_text("at step 300")
    before = _pixels(network)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _chart(page, "map").locator("[tabindex='0']").first.press("Home")
    expect(network.locator("h3")).to_have_text("The network at step 1, coloured by gradient norm")
    expect(depth.locator("h3")).to_have_text("Gradient norm by depth at step 1")
    _until_other_pixels(page, network, before)
    assert [url for url in asked if "/series" in url or "/activations" in url] == []


def test_another_statistic_is_shown_and_stands_in_the_address(page: Page, recorded: str) -> None:
    _open(page, recorded)
    page.get_by_role("combobox", name="Statistic").select_option("saturated")
    expect(_chart(page, "map")).to_contain_text("Saturated share of each layer")
    assert "statistic=saturated" in page.url
    expect(page.locator("#inside")).to_contain_text("next to no gradient passes")


def test_a_diagnostics_measure_of_layers_can_be_chosen_where_it_was_asked_for(page: Page, recorded: str) -> None:
    _open(page, recorded)
    select = page.get_by_role("combobox", name="Statistic")
    group = select.locator("optgroup[label='Diagnostics'] option")
    assert {each.split(".")[0] for each in group.evaluate_all("(all) => all.map((each) => each.value)")} == {
        name
        for name in DIAGNOSTIC_NAMES
        if name != "landscape"  # which is of the network as a whole
    }
    for value, title in (("rank.rank", "Rank of outputs"), ("drift.mean_gap", "Gap of means, running to training set")):
        select.select_option(value)
        expect(_chart(page, "map").locator("h3")).to_contain_text(title)
        described = _chart(page, "map").locator("figure").evaluate("(figure) => figure.describe()")
        assert (described["rows"], described["points"]) == (HIDDEN, 4)
    expect(page.locator("#inside")).to_contain_text("running statistics have not arrived")
    page.reload()
    expect(_chart(page, "map").locator("h3")).to_contain_text("Gap of means, running to training set")
    select.select_option("std")
    expect(_chart(page, "depth")).to_contain_text("Gradient norm by depth")


def test_a_diagnostic_that_was_not_asked_for_cannot_be_chosen(site: Site, page: Page) -> None:
    job_id = site.submit(recording={"diagnostics": [{"name": "rank", "every": 100}]})
    site.ended(job_id)
    _open(page, job_id, statistic="drift.mean_gap")
    expect(page.locator("#inside")).to_contain_text("No statistic 'drift.mean_gap' is recorded here")
    values = page.locator("optgroup[label='Diagnostics'] option").evaluate_all("(all) => all.map((each) => each.value)")
    assert values == ["rank.rank"]


def test_layers_that_differ_at_their_names_ends_can_be_told_apart(site: Site, page: Page) -> None:
    layers: list[dict[str, Any]] = [{"kind": "linear", "features": 784}] * 2
    for _ in range(3):
        layers = [{"kind": "residual", "layers": layers}]
    names = [f"residual1.residual1.residual1.linear{i}" for i in (1, 2)]
    job_id = site.submit(architecture={"layers": [{"kind": "flatten"}, *layers, {"kind": "linear", "features": 10}]})
    site.ended(job_id)
    for width in (1200, 360):
        page.set_viewport_size({"width": width, "height": 800})
        _open(page, job_id)
        for chart in ("map", "depth"):
            cut = _chart(page, chart).locator("svg text", has=page.locator("title"))
            expect(cut).to_have_count(2)
            assert cut.locator("title").all_text_contents() == names
            shown = cut.evaluate_all("(all) => all.map((each) => each.firstChild.data)")
            assert len(set(shown)) == 2
            assert all(name not in text for name, text in zip(names, shown, strict=True))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_opened_layer_shows_bands_histograms_shares_and_units(page: Page, recorded: str) -> None:
    _open(page, recorded)
    page.get_by_role("combobox", name="Open layer").select_option("hidden2")
    for name in ("bands", "histograms", "ridges", "extremes", "saturated", "weights", "units"):
        expect(_chart(page, f"layer-{name}")).to_be_visible()
    assert "layer=hidden2" in page.url
    page.go_back()
    expect(page.locator(".layer")).to_be_hidden()


def test_a_layer_without_measures_says_so(page: Page, recorded: str) -> None:
    _open(page, recorded, layer="flatten")
    expect(page.locator(".layer")).to_contain_text("Nothing is measured of this layer")


def test_a_layer_and_a_statistic_that_are_not_there_are_said_to_be_not_there(page: Page, recorded: str) -> None:
    _open(page, recorded, layer="<b>hidden9</b>", statistic="kurtosis")
    expect(page.locator("#inside")).to_contain_text("No statistic 'kurtosis' is recorded here")
    expect(page.locator("#inside")).to_contain_text("This network has no layer '<b>hidden9</b>'")
    expect(page.locator(".layer")).to_be_hidden()


def test_every_diagnostic_has_its_formula_its_conclusion_and_its_charts(page: Page, recorded: str) -> None:
    _open(page, recorded)
    page.locator("#bn").scroll_into_view_if_needed()
    for name in DIAGNOSTIC_NAMES:
        part = page.locator(f"[data-diagnostic='{name}']")
        expect(part.locator(".formula")).not_to_be_empty()
        expect(part).to_contain_text("What to conclude.")
        expect(part.locator("figure").first).to_be_attached()
    assert "tr(M)² / ‖M‖²" in page.locator("[data-diagnostic='rank']").inner_text()


def test_batch_against_running_statistics_is_asked_for_when_it_is_near(page: Page, recorded: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 500, "height": 200})
    _open(page, recorded)
    assert not [url for url in asked if "mean_gap" in url or "diagnostics?" in url]
    page.locator("#bn-title").scroll_into_view_if_needed()
    expect(_chart(page, "bn-mean_gap")).to_contain_text("Batch against running statistics: gap of means")
    expect(page.locator("#bn")).to_contain_text("Sampling alone makes them up to about 0.")


def test_a_job_without_normalization_says_so_and_how_a_diagnostic_is_asked_for(site: Site, page: Page) -> None:
    job_id = site.submit(batch_norm=False)
    site.ended(job_id)
    _open(page, job_id)
    expect(page.locator("#bn")).to_contain_text("No layer of this network is normalized")
    rank = page.locator("[data-diagnostic='rank']")
    rank.locator("summary").click()
    expect(rank).to_contain_text('{"recording":{"diagnostics":[{"name":"rank","every":500}]}}')
    drift = page.locator("[data-diagnostic='drift']")
    drift.locator("summary").click()
    expect(drift).to_contain_text("this network has none")


def test_a_job_that_never_recorded_its_layers_says_so(site: Site, page: Page) -> None:
    job_id = site.submit(recording={"activations_every": 1000})
    site.ended(job_id)
    page.goto(f"/ui/jobs/{job_id}")
    expect(page.locator("#inside")).to_contain_text("has not recorded its layers: it was to do so every 1000 steps")
    assert page.locator("#inside figure").count() == 0


def test_the_map_of_a_job_that_trains_goes_on(site: Site, page: Page) -> None:
    job_id = site.running()
    _open(page, job_id)
    first = _chart(page, "network").locator("h3").inner_text()
    expect(_chart(page, "network").locator("h3")).not_to_have_text(first)
    site.client.post(f"/jobs/{job_id}/cancel")


def test_axe_has_nothing_against_an_opened_layer_and_diagnostics(page: Page, recorded: str) -> None:
    _open(page, recorded, layer="hidden1")
    page.locator("#bn").scroll_into_view_if_needed()
    expect(_chart(page, "bn-mean_gap")).to_be_visible()
    assert violations_in_both_themes(page) == []


def test_every_recorded_statistic_can_be_chosen_and_every_diagnostic_is_explained(page: Page) -> None:
    page.goto("/ui/workers")
    named = run_module(page, "inside/statistics", "m.STATISTICS.map((each) => each.name)")
    recorded = {*OF_WEIGHT, *OF_TAP, *OF_BATCH_NORM, *(name for names in OF_ACTIVATION.values() for name in names)}
    assert set(named) == recorded
    assert set(run_module(page, "bn/diagnostics", "m.DIAGNOSTICS.map((each) => each.name)")) == set(DIAGNOSTIC_NAMES)


@pytest.mark.parametrize(
    ("kind", "values", "domain"),
    [
        ("log", "[[0, 1e-3, 1], [null, 10, null]]", [1e-3, 10]),
        ("log", "[[1e-30, 1e3]]", [1e-21, 1e3]),
        ("log", "[[null], [0]]", [0.1, 1]),
        ("diverging", "[[-1, 3]]", [-3, 3]),
        ("diverging", "[[null, null]]", [-1, 1]),
        ("share", "[[0.2]]", [0, 1]),
        ("linear", "[[5, 5]]", [2.5, 7.5]),
    ],
)
def test_a_scale_holds_what_is_there(page: Page, kind: str, values: str, domain: list[float]) -> None:
    page.goto("/ui/workers")
    found = run_module(page, "inside/scales", f"m.scaleOf({{scale: '{kind}', label: 'x'}}, {values}).domain")
    assert found == pytest.approx(domain, rel=1e-6, abs=0)


def test_a_step_is_read_from_the_last_column_until_then(page: Page) -> None:
    page.goto("/ui/workers")
    steps = "[0, 1, 3, 4, 8, 9, null]"
    assert run_module(page, "inside/matrix", f"{steps}.map((s) => m.column([1, 4, 8], s))") == [0, 0, 0, 1, 2, 2, 2]
    assert run_module(page, "inside/matrix", "m.column([], 3)") == -1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ("[1e-6, null, 1e-3]", "The gradient of a is 1,000 times smaller than that of c."),
        ("[4, 1, 1]", "The gradient of a is 4 times that of c."),
        ("[1, 1, 1.1]", "The gradient of a is of the same order as that of c."),
        ("[0, 1, 1]", "No gradient reaches a."),
        ("[null, 1, 1]", ""),
        ("[1]", ""),
    ],
)
def test_a_sentence_compares_the_gradients_of_first_and_last_layer(page: Page, values: str, sentence: str) -> None:
    page.goto("/ui/workers")
    assert run_module(page, "inside/models", f"m.slope(['a', 'b', 'c'], {values})") == sentence


def test_a_matrix_of_several_statistics_is_cut_apart(page: Page) -> None:
    page.goto("/ui/workers")
    answer = (
        "{names: ['activations.a.b.std', 'activations.a.b.p50'], layers: ['a.b', 'a.b'], step: [4, 8], "
        "bucket_width: 4, values: [[1, null], [2, 3]], nonfinite: {'activations.a.b.std': [[7, 8, 'NaN']]}}"
    )
    found = run_module(page, "inside/matrix", f"m.apart({answer})")
    assert found["std"]["rows"] == ["a.b"]
    assert found["std"]["runs"] == {"a.b": [[7, 8, "NaN"]]}
    assert found["p50"]["values"] == [[2, 3]]
    assert found["p50"]["width"] == 4


def _open(page: Page, job_id: str, **view: str) -> None:
    """Open a job's page and wait for the first charts of its layers."""
    query = "&".join(f"{name}={value}" for name, value in view.items())
    page.goto(f"/ui/jobs/{job_id}?{query}")
    _chart(page, "map").scroll_into_view_if_needed()
    expect(_chart(page, "network")).to_contain_text("at step")
    expect(_chart(page, "map").locator("svg text").first).to_be_attached()  # once it has been drawn


def _chart(page: Page, name: str) -> Locator:
    return page.locator(f"[data-chart='{name}']")


def _pixels(chart: Locator) -> str:
    found: str = chart.locator("canvas").first.evaluate("(canvas) => canvas.toDataURL()")
    return found


def _until_other_pixels(page: Page, chart: Locator, before: str) -> None:
    canvas = chart.locator("canvas").first.element_handle()
    page.wait_for_function("([canvas, before]) => canvas.toDataURL() !== before", arg=[canvas, before])
