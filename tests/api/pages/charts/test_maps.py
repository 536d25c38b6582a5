"""Heat maps, ridgelines, profiles and networks."""

from math import exp

import pytest
from playwright.sync_api import Page

from tests.api.pages.charts.drawing import NETWORK, PROFILE, RIDGES, call, draw, heatmap, histograms

CELL = """([step, row]) => { const { plot, x, height } = drawn.place;
  return pixel(x.at(step), plot.top + (row + 0.5) * height).slice(0, 3) }"""


def test_a_cell_has_its_colour_at_its_step_also_where_steps_are_uneven(page: Page) -> None:
    values: list[list[float | None]] = [[0, 1, 0, 1], [1, 0, 1, 0]]
    draw(page, heatmap(values, [1, 50, 100, 1000], x={"label": "step", "steps": [1, 50, 100, 1000], "width": 300}))
    for step, column in ((25, 0), (75, 1), (550, 2), (950, 2), (1200, 3)):
        for row in (0, 1):
            expected = call(page, "palette", "mapped", "linear", values[row][column])
            assert page.evaluate(CELL, [step, row]) == expected, (step, row)


@pytest.mark.parametrize("many", [1, 30])
def test_a_cell_without_a_colour_is_hatched(page: Page, many: int) -> None:
    values: list[list[float | None]] = [[0.5] * 60 for _ in range(5)]
    for column in range(20, 20 + many):
        values[2][column] = None
    draw(page, heatmap(values, [*range(60)]))
    within = """([row, first, last]) => { const { plot, x, height } = drawn.place;
      const left = Math.ceil(x.at(first)); return colourCount(left, Math.ceil(plot.top + row * height) + 1,
        Math.floor(x.at(last)) - left, Math.floor(height) - 2) }"""
    assert page.evaluate(within, [2, 20, 20 + many]) > 1
    assert page.evaluate(within, [1, 20, 20 + many]) == 1


def test_a_map_of_differences_is_white_at_zero(page: Page) -> None:
    draw(page, heatmap([[-1.0, 0.0, 1.0]], [0, 1, 2], scale={"kind": "diverging", "domain": [-1, 1], "label": "A-B"}))
    blue, white, red = (page.evaluate(CELL, [step + 0.5, 0]) for step in range(3))
    assert min(white) > 240
    assert blue[2] > blue[0]
    assert red[0] > red[2]


def test_a_map_says_what_is_at_a_step_and_a_pixel(page: Page) -> None:
    model = heatmap([[0.0, 0.5, None], [1.0, None, 0.0]], [0, 10, 20])
    assert draw(page, model)["described"]["marks"] == 2
    assert call(page, "heatmap", "read", model, 12, 1) == "step 10, linear 1: \N{EN DASH}"
    at = """model => { const { plot, x } = drawn.place;
      return drawn.kind.at(model, drawn.place, x.at(11), plot.bottom - 2) }"""
    assert page.evaluate(at, model) == {"x": 10, "row": 1}


def test_histograms_as_a_map_keep_their_values(page: Page) -> None:
    model = call(page, "ridges", "histogramMap", {"title": "h", "rows": histograms(4), "cursor": None, "foot": ""})
    counts = histograms(1)[0]["counts"]
    assert [round(exp(row[0]) - 1) for row in model["values"]] == counts
    draw(page, model)
    heights = "v => { const { y, x } = drawn.place; return pixel(x.at(20), y.at(v)).slice(0, 3) }"
    middle, edge = (sum(page.evaluate(heights, value)) for value in (0.03, 0.97))
    assert middle > edge


@pytest.mark.parametrize("many", [1, 3, 100])
def test_ridges_stay_on_the_canvas(page: Page, many: int) -> None:
    drawn = draw(page, RIDGES | {"rows": histograms(many)})
    heights = [float(part.split()[1]) for path in drawn["paths"] for part in path.replace("M", "L").split("L")[1:]]
    assert min(heights) >= 0
    assert max(heights) <= 240


def test_no_histogram_is_told(page: Page) -> None:
    assert draw(page, RIDGES | {"rows": []})["described"]["sentence"] == "No histogram is recorded yet."


def test_a_profile_marks_what_has_no_place_on_its_axis(page: Page) -> None:
    texts = [each["text"] for each in draw(page, PROFILE)["texts"]]
    assert "◂ 0" in texts
    assert "not finite or not measured" in texts


def test_a_network_wraps_and_tells_its_layers(page: Page) -> None:
    drawn = draw(page, NETWORK, width=320)
    names = [each for each in drawn["texts"] if each["text"] in ("linear 0", "linear 1", "linear 2")]
    assert len(names) == 3
    assert len({each["y"] for each in names}) == 2
    assert max(each["x"] for each in names) < 320
    assert "linear 1, linear to 100, batch-normalized: not measured" in drawn["described"]["sentence"]
