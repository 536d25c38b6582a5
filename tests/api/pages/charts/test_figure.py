"""A chart on a page: moved by keys, zoomed by dragging, drawn anew, and gone without a trace."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.api.pages.charts.figures import HEATMAP, LINES, NETWORK, STEPS, drag, put, told
from tests.support.browser import violations_in_both_themes


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
