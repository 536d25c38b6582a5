"""A chart on a page: moved by keys, zoomed by dragging, read, exported, and gone without a trace."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from api.pages.assets import FOLDER
from api.pages.policy import CONTENT
from tests.support.browser import Watched, violations_in_both_themes

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Charts</title><link rel="icon" href="/style/icon.svg">
<link rel="stylesheet" href="/style/tokens.css"><link rel="stylesheet" href="/style/page.css">
<link rel="stylesheet" href="/style/table.css"><link rel="stylesheet" href="/style/chart.css">
<script type="module" src="/try.js"></script></head>
<body><main><h1>Charts</h1><h2>One</h2><div id="host"></div></main></body></html>"""

# Puts figures into the page, and keeps what they call.
SCRIPT = """import { figure } from "/charts/figure.js";
window.told = { cursor: [], zoom: [], row: [] };
window.put = async (model, options = {}) => {
  const kind = await import(`/charts/${model.kind}.js`);
  const place = document.getElementById("host").appendChild(document.createElement("div"));
  const made = figure(place, kind, {
    model, file: "job-7", height: 200,
    onCursor: (x) => told.cursor.push(x), onZoom: (range) => told.zoom.push(range),
    onSelect: (row) => told.row.push(row),
    requests: () => ({ curl: "curl http://example.org/series", python: "client.series()" }), ...options,
  });
  window.figures = [...(window.figures ?? []), made];
  return null;
};"""

STEPS = 200
LINES: dict[str, Any] = {
    "kind": "lines",
    "title": "Loss, <b>in nats</b>",
    "x": {"label": "step", "domain": [0, STEPS - 1]},
    "y": {"label": "loss"},
    "series": [
        {"name": name, "colour": colour, "x": [*range(STEPS)], "y": [rate / (1 + i / 20) for i in range(STEPS)]}
        for colour, (name, rate) in enumerate({"train": 2.0, 'test, "whole"': 2.5}.items())
    ],
    "marks": [{"x": 100, "label": "resumed"}],
    "cursor": None,
    "foot": "1 point = 1 step",
}
HEATMAP: dict[str, Any] = {
    "kind": "heatmap",
    "title": "Standard deviation",
    "x": {"label": "step", "steps": [*range(0, 1000, 10)], "width": 10},
    "rows": [f"linear {i}" for i in range(5)],
    "values": [[1 + i + j / 50 for j in range(100)] for i in range(5)],
    "scale": {"kind": "linear", "domain": [1, 8], "label": "sd"},
    "cursor": None,
    "selected": None,
    "foot": "1 column = 10 steps",
}
NETWORK: dict[str, Any] = {
    "kind": "network",
    "title": "The network",
    "layers": [
        {"name": f"linear {i}", "kind": "linear", "output": [100], "normalized": True, "value": i / 3} for i in range(4)
    ],
    "scale": {"kind": "linear", "domain": [0, 1], "label": "sd"},
    "selected": None,
    "foot": "",
}


class _Handler(SimpleHTTPRequestHandler):
    """The scripts and styles as they are, and the page of these tests, all under the policy of the pages."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".js": "text/javascript"}

    def do_GET(self) -> None:
        made = {"/": ("text/html", PAGE), "/try.js": ("text/javascript", SCRIPT)}.get(self.path)
        if made is None:
            return super().do_GET()
        body = made[1].encode()
        self.send_response(200)
        self.send_header("Content-Type", made[0])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", CONTENT)
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served_folder(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served_folder(FOLDER) as address:
        yield address


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    """A page without charts yet; the test fails by what goes wrong in it unseen, such as a breach of the policy."""
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(20_000)
    watched = Watched(address)
    watched.watch(page)
    page.goto("/")
    page.wait_for_function("() => window.put !== undefined")
    yield page
    context.close()
    assert watched.unexpected() == []


def put(page: Page, model: dict[str, Any]) -> Locator:
    """The chart's figure, once it is drawn."""
    page.evaluate("model => put(model)", model)
    figure = page.locator("figure").last
    figure.scroll_into_view_if_needed()
    expect(figure.locator(".plot svg g").first).to_be_attached()
    return figure


def told(page: Page, what: str) -> Any:
    return page.evaluate("what => told[what]", what)


def drag(page: Page, plot: Locator, start: float, end: float, release: bool = True) -> None:
    """From one share of the plot's width to another."""
    box = plot.bounding_box()
    assert box
    across = [box["x"] + share * box["width"] for share in (start, end)]
    page.mouse.move(across[0], box["y"] + 60)
    page.mouse.down()
    page.mouse.move(across[1], box["y"] + 90, steps=4)
    if release:
        page.mouse.up()


def saved(page: Page, figure: Locator, kind: str) -> tuple[str, bytes]:
    """The name and content of what the menu saves."""
    if not figure.locator("details").evaluate("fold => fold.open"):
        figure.get_by_text("Data", exact=True).click()
    with page.expect_download() as download:
        figure.get_by_role("button", name=kind).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def test_a_chart_has_a_name_a_summary_and_what_tests_ask(page: Page) -> None:
    figure = put(page, LINES)
    plot = page.get_by_role("application", name=LINES["title"])
    described = figure.evaluate("figure => figure.describe()")
    assert (described["points"], described["marks"]) == (STEPS, 1)
    expect(plot).to_have_accessible_description(re.compile(re.escape(described["sentence"])))
    assert figure.locator("canvas").get_attribute("aria-hidden") == "true"


def test_keys_move_the_cursor_and_say_what_stands_there(page: Page) -> None:
    figure = put(page, LINES)
    page.keyboard.press("Tab")
    expect(figure.locator(".plot")).to_be_focused()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight", "ArrowLeft", "End", "Home"):
        page.keyboard.press(key)
    assert told(page, "cursor") == [0, 1, 11, 10, STEPS - 1, 0]
    spoken = 'step 0: train 2, test, "whole" 2.5'
    expect(figure.locator(".readout")).to_have_text(spoken)
    expect(figure.locator("[aria-live=polite]")).to_have_text(spoken)


def test_the_pointer_moves_the_cursor_and_is_not_spoken(page: Page) -> None:
    figure = put(page, LINES)
    figure.locator(".plot").hover(position={"x": 300, "y": 100})
    expect(figure.locator(".readout")).to_have_text(re.compile(rf"^step {told(page, 'cursor')[-1]}: train "))
    expect(figure.locator("[aria-live=polite]")).to_be_empty()


def test_dragging_zooms_and_escape_and_a_double_click_zoom_back(page: Page) -> None:
    plot = put(page, LINES).locator(".plot")
    drag(page, plot, 0.3, 0.6)
    [[low, high]] = told(page, "zoom")
    assert 0 < low < high < STEPS - 1
    assert [low, high] == [int(low), int(high)]
    plot.press("Escape")
    plot.dblclick()
    assert told(page, "zoom")[1:] == [None, None]


def test_a_drag_ends_at_the_axis_and_can_be_given_up(page: Page) -> None:
    plot = put(page, LINES).locator(".plot")
    drag(page, plot, 0.6, 1.5)
    assert told(page, "zoom")[0][1] == STEPS - 1
    drag(page, plot, 0.3, 0.6, release=False)
    expect(plot.locator(".dragged")).to_be_visible()
    plot.press("Escape")
    expect(plot.locator(".dragged")).to_have_count(0)
    page.mouse.up()
    assert len(told(page, "zoom")) == 1


def test_plus_and_minus_zoom_about_the_cursor(page: Page) -> None:
    plot = put(page, LINES | {"cursor": 50}).locator(".plot")
    plot.press("+")
    plot.press("-")
    assert told(page, "zoom") == [[25, 125], [0, 348]]


def test_times_that_are_not_whole_are_zoomed_into_without_rounding(page: Page) -> None:
    [first, *_] = LINES["series"]
    epochs = first | {"x": [i / STEPS for i in range(STEPS)]}
    plot = put(page, LINES | {"x": {"label": "epoch", "domain": [0, 1]}, "series": [epochs]}).locator(".plot")
    drag(page, plot, 0.3, 0.6)
    [[low, high]] = told(page, "zoom")
    assert 0 < low < high < 1


def test_what_lies_beyond_a_zoomed_axis_is_not_drawn(page: Page) -> None:
    shown = """figure => { const c = figure.querySelector('canvas');
      const pixels = c.getContext('2d').getImageData(0, 0, 40, c.height).data; return pixels.some((p) => p > 0); }"""
    figure = put(page, LINES | {"x": {"label": "step", "domain": [100, 150]}})
    assert not figure.evaluate(shown)


def test_rows_are_walked_through_by_keys_and_opened(page: Page) -> None:
    plot = put(page, HEATMAP).locator(".plot")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        plot.press(key)
    assert told(page, "row") == [1]
    expect(page.locator("[aria-live=polite]")).to_have_text(re.compile(r"^step 990, linear 1: "))


def test_a_chart_without_steps_is_walked_through_by_its_layers(page: Page) -> None:
    plot = put(page, NETWORK).locator(".plot")
    for key in ("ArrowRight", "End", "Enter", "Escape", "+"):
        plot.press(key)
    assert told(page, "row") == [3]
    assert told(page, "zoom") == []


def test_a_row_is_opened_by_a_click(page: Page) -> None:
    put(page, HEATMAP).locator(".plot").click(position={"x": 300, "y": 100})
    assert len(told(page, "row")) == 1


def test_keys_that_mean_nothing_here_are_left_to_the_page(page: Page) -> None:
    plot = put(page, LINES).locator(".plot")
    taken = (
        "([key, ctrlKey]) => new Promise(done => { addEventListener('keydown', e => done(e.defaultPrevented),"
        " {once: true}); document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
        " {key, ctrlKey, bubbles: true, cancelable: true})) })"
    )
    plot.focus()
    assert [page.evaluate(taken, each) for each in (["ArrowRight", False], ["ArrowDown", False], ["+", True])] == [
        True,
        False,
        False,
    ]


def test_the_table_has_the_rows_of_the_model_and_closes_again(page: Page) -> None:
    figure = put(page, LINES)
    figure.get_by_text("Data", exact=True).click()
    button = figure.get_by_role("button", name="Table")
    button.click()
    expect(figure.locator("tbody tr")).to_have_count(STEPS)
    expect(figure.locator("thead th")).to_have_text(["step", "train", 'test, "whole"'])
    expect(figure.locator("tbody tr").nth(20)).to_have_text("2011.25")
    button.click()
    expect(figure.locator("table")).to_have_count(0)


def test_a_long_table_says_how_much_it_leaves_out(page: Page) -> None:
    many = {"name": "train", "colour": 0, "x": [*range(1500)], "y": [1.0] * 1500}
    figure = put(page, LINES | {"series": [many]})
    figure.get_by_text("Data", exact=True).click()
    figure.get_by_role("button", name="Table").click()
    expect(figure.locator("caption")).to_have_text("The first 1,000 of 1,500 rows; CSV has all.")
    expect(figure.locator("tbody tr")).to_have_count(1000)
    _, content = saved(page, figure, "CSV")
    assert len(content.splitlines()) == 1501


def test_csv_can_be_read_by_others(page: Page) -> None:
    name, content = saved(page, put(page, LINES), "CSV")
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert name == "job-7-loss-b-in-nats-b.csv"
    assert rows[0] == ["step", "train", 'test, "whole"']
    assert [float(cell) for cell in rows[21]] == [20, 1, 1.25]


@pytest.mark.parametrize("model", [LINES, HEATMAP, NETWORK], ids=lambda model: str(model["kind"]))
def test_a_drawing_has_title_foot_and_what_it_is_of(page: Page, model: dict[str, Any]) -> None:
    figure = put(page, model)
    name, content = saved(page, figure, "SVG")
    root = ElementTree.fromstring(content)  # noqa: S314 - our own
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert name.endswith(".svg")
    assert {model["title"], "job-7"} | {text for text in [model["foot"]] if text} <= set(texts)
    drawn = "image" if model["kind"] == "heatmap" else "rect" if model["kind"] == "network" else "path"
    assert len(list(root.iter(f"{{http://www.w3.org/2000/svg}}{drawn}"))) >= 1
    name, content = saved(page, figure, "PNG")
    assert content.startswith(b"\x89PNG")
    width = figure.locator(".plot").evaluate("plot => plot.clientWidth")
    assert int.from_bytes(content[16:20], "big") == 2 * (width + 16)


def test_the_request_behind_it_is_shown_and_copied(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    figure = put(page, LINES)
    figure.get_by_text("Data", exact=True).click()
    figure.get_by_role("button", name="Python").click()
    expect(figure.locator("pre")).to_have_text("client.series()")
    figure.get_by_role("button", name="curl").click()
    expect(figure.locator("pre")).to_have_text("curl http://example.org/series")
    figure.get_by_role("button", name="Copy").click()
    expect(figure.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "curl http://example.org/series"


def test_without_a_clipboard_the_text_is_selected(page: Page) -> None:
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    figure = put(page, LINES)
    figure.get_by_text("Data", exact=True).click()
    figure.get_by_role("button", name="curl").click()
    figure.get_by_role("button", name="Copy").click()
    assert page.evaluate("getSelection().toString()") == "curl http://example.org/series"


def test_axe_finds_nothing_in_either_theme_with_everything_open(page: Page) -> None:
    for model in (LINES, HEATMAP, NETWORK):
        figure = put(page, model)
        figure.get_by_text("Data", exact=True).click()
        figure.get_by_role("button", name="Table").click()
    figure.get_by_role("button", name="curl").click()
    assert violations_in_both_themes(page) == []


@pytest.mark.parametrize("width", [1440, 320])
def test_nothing_is_wider_than_the_page(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for model in (LINES, HEATMAP, NETWORK):
        figure = put(page, model)
        figure.get_by_text("Data", exact=True).click()
        figure.get_by_role("button", name="Table").click()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


INK = "figure => figure.querySelector('.plot svg text').getAttribute('fill')"


def test_it_is_drawn_anew_for_another_theme_or_width(page: Page) -> None:
    figure = put(page, LINES)
    light = figure.evaluate(INK)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"old => ({INK})(document.querySelector('figure')) !== old", arg=light)
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.wait_for_function(f"old => ({INK})(document.querySelector('figure')) === old", arg=light)
    page.set_viewport_size({"width": 500, "height": 700})
    page.wait_for_function(
        "() => { const p = document.querySelector('.plot');"
        " return p.clientWidth < 500 && p.querySelector('canvas').style.width === `${p.clientWidth}px` }"
    )


COUNTED = """async ([acts, times]) => {
  const context = document.querySelector('.plot canvas').getContext('2d');
  let [drawn, axes] = [0, 0];
  context.clearRect = (...all) => (drawn++, CanvasRenderingContext2D.prototype.clearRect.call(context, ...all));
  new MutationObserver(() => axes++).observe(document.querySelector('.plot svg'), { childList: true });
  const begun = performance.now();
  for (let i = 0; i < times; i++) {
    figures[0].update({ ...figures[0].model, ...window.model, cursor: acts ? i : null });
    await new Promise(requestAnimationFrame);
  }
  return [drawn, performance.now() - begun, axes];
}"""


def test_what_moves_by_itself_is_drawn_four_times_a_second_and_what_the_reader_moves_at_once(page: Page) -> None:
    put(page, LINES)
    page.evaluate("model => { window.model = model }", LINES)
    page.evaluate(COUNTED, [False, 60])  # meanwhile it is drawn for its place and its size too, on a busy machine late
    for _ in range(5):  # its timer is a little early now and then
        drawn, milliseconds, _ = page.evaluate(COUNTED, [False, 60])
        assert 1 <= drawn <= milliseconds / 250 + 2
    drawn, _, axes = page.evaluate(COUNTED, [True, 60])
    assert drawn >= 50
    assert axes == 0  # what of it stands is not laid out again


def test_a_chart_far_below_is_drawn_when_it_comes_near(page: Page) -> None:
    page.evaluate("document.getElementById('host').style.paddingTop = '5000px'")
    page.evaluate("model => put(model)", LINES)
    figure = page.locator("figure")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert figure.locator(".plot svg g").count() == 0
    assert figure.evaluate("figure => figure.describe().points") == STEPS
    expect(figure.locator(".chart-summary")).to_have_text(re.compile("^train falls from 2 to "))
    figure.scroll_into_view_if_needed()
    expect(figure.locator(".plot svg g")).to_be_attached()


def test_what_is_removed_leaves_nothing_behind(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def counts() -> dict[str, float]:
        session.send("HeapProfiler.collectGarbage")
        found = session.send("Performance.getMetrics")["metrics"]
        return {each["name"]: each["value"] for each in found if each["name"] in ("JSEventListeners", "Nodes")}

    def twenty() -> None:
        page.evaluate(
            """async (model) => {
              for (let i = 0; i < 20; i++) await put(model);
              await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
              for (const each of window.figures.splice(0)) each.remove();
              document.getElementById("host").replaceChildren();
            }""",
            LINES,
        )

    twenty()
    before = counts()
    twenty()
    after = counts()
    assert after["JSEventListeners"] <= before["JSEventListeners"]
    assert after["Nodes"] <= before["Nodes"] + 20  # of 20 charts not one is kept: each has some eighty


def test_touch_drags_across_and_scrolls_along(page: Page) -> None:
    plot = put(page, LINES).locator(".plot")
    assert plot.evaluate("plot => getComputedStyle(plot).touchAction") == "pan-y"
