"""What charts draw, and what they say of it: their modules alone, in a real Chromium."""

from collections.abc import Iterator
from itertools import pairwise
from math import exp
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from api.pages.assets import FOLDER
from tests.api.pages.test_figure import served_folder
from tests.support.browser import Watched

# Draws a model on a canvas and, by the same functions, as SVG; tells what can be seen of it.
DRAW = """async ({ model, width = 600, height = 240 }) => {
  const kind = await import(`/charts/${model.kind}.js`);
  const { SvgContext, svgElement } = await import("/charts/svg.js");
  const colours = (await import("/charts/palette.js")).coloursOf(document.body);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const svg = svgElement("svg", { width, height });
  document.body.replaceChildren(svg);
  const place = kind.layout(model, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const counted = { stroke: 0, fill: 0 };
  const counting = new Proxy(context, {
    get: (_, name) => typeof context[name] !== "function" ? context[name] : (...given) => {
      if (name in counted) counted[name] += 1;
      return context[name](...given);
    },
    set: (_, name, value) => Reflect.set(context, name, value),
  });
  for (const to of [counting, new SvgContext(svg)]) {
    kind.frame(to, model, place, colours);
    kind.marks(to, model, place, colours);
  }
  const { plot } = place;
  window.pixel = (x, y) => [...context.getImageData(Math.round(x), Math.round(y), 1, 1).data];
  window.colourCount = (left, top, wide, high) => {
    const data = new Uint32Array(context.getImageData(left, top, wide, high).data.buffer);
    return new Set(data).size;
  };
  window.drawn = { place, kind };
  const texts = [...svg.querySelectorAll("text")].map((each) =>
    ({ text: each.textContent, x: +each.getAttribute("x"), y: +each.getAttribute("y") }));
  const paths = [...svg.querySelectorAll("path")].map((each) => each.getAttribute("d"));
  return { plot, texts, paths, counted, y: place.y?.domain ?? null, described: kind.describe(model) };
}"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served_folder(FOLDER) as address:
        yield address


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=address, color_scheme="light")
    page = context.new_page()
    watched = Watched(address)
    watched.watch(page)
    page.goto("/")
    page.wait_for_function("() => window.put !== undefined")
    yield page
    context.close()
    assert watched.unexpected() == []


def draw(page: Page, model: dict[str, Any], **size: int) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(DRAW, {"model": model, **size})
    return found


def call(page: Page, module: str, name: str, *given: Any) -> Any:
    """What a function of a module gives."""
    script = "async ([module, name, given]) => (await import(`/charts/${module}.js`))[name](...given)"
    return page.evaluate(script, [module, name, list(given)])


def series(ys: list[float | None], name: str = "loss", **more: Any) -> dict[str, Any]:
    return {"name": name, "colour": 0, "x": [*range(len(ys))], "y": ys, "nonfinite": []} | more


def lines(*many: dict[str, Any], **y: Any) -> dict[str, Any]:
    last = max((each["x"][-1] for each in many if each["x"]), default=1)
    return {
        "kind": "lines",
        "title": "Loss",
        "x": {"label": "step", "domain": [0, last]},
        "y": {"label": "loss", "clip": True} | y,
        "series": [*many],
        "marks": [],
        "cursor": None,
    }


def heatmap(values: list[list[float | None]], steps: list[int], **more: Any) -> dict[str, Any]:
    return {
        "kind": "heatmap",
        "title": "Map",
        "x": {"label": "step", "steps": steps, "width": steps[1] - steps[0] if len(steps) > 1 else 1},
        "rows": [f"linear {i}" for i in range(len(values))],
        "values": values,
        "scale": {"kind": "linear", "domain": [0, 1], "label": "sd"},
        "cursor": None,
        "selected": None,
    } | more


def histograms(many: int) -> list[dict[str, Any]]:
    counts = [round(200 * exp(-(((i - 32) / 8) ** 2))) for i in range(64)]
    return [{"step": 50 * i, "lo": -1, "hi": 1, "counts": counts} for i in range(many)]


PROFILE = {
    "kind": "profile",
    "title": "Gradient",
    "x": {"label": "norm", "scale": "log"},
    "rows": ["first", "second", "third"],
    "values": [0.001, 0, None],
    "selected": None,
}
NETWORK = {
    "kind": "network",
    "title": "Network",
    "layers": [
        {"name": f"linear {i}", "kind": "linear", "output": [100], "normalized": True, "value": value}
        for i, value in enumerate([0.0, None, 1.0])
    ],
    "scale": {"kind": "linear", "domain": [0, 1], "label": "sd"},
    "selected": 0,
}
RIDGES = {"kind": "ridges", "title": "Histograms", "x": {"label": "value"}, "rows": histograms(5), "cursor": None}
EVERY: list[dict[str, Any]] = [
    lines(series([2.0, 1.0, 0.5], low=[1.0, 0.5, 0.2], high=[3.0, 2.0, 1.0]), series([2.0, None, 1.0], "test")),
    heatmap([[0.0, 0.5, None], [1.0, None, 0.0]], [0, 10, 20]),
    RIDGES,
    PROFILE,
    NETWORK,
]


@pytest.mark.parametrize(
    ("kind", "domain", "expected"),
    [
        ("linear", [0, 1], [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ("linear", [-3, 7], [-2, 0, 2, 4, 6]),
        ("linear", [0.1, 0.3], [0.1, 0.15, 0.2, 0.25, 0.3]),
        ("linear", [5, 5], [5]),
        ("log", [1e-3, 10], [1e-3, 1e-2, 0.1, 1, 10]),
        ("log", [2, 8], [2, 4, 6, 8]),
    ],
)
def test_ticks_are_round_and_few(page: Page, kind: str, domain: list[float], expected: list[float]) -> None:
    assert call(page, "scales", "ticks", {"kind": kind, "domain": domain}) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 1.5, 1e30, 1.2], [1, 10]),
        ([*[1 + i % 10 / 10 for i in range(200)], 1e30], [1, 4]),
        ([2.44, 1.2, 0.6, 0.3, 0.2, 0.15, 0.12, 0.11], [0.11, 2.44]),
        ([0, 0, 0, 0, 1], [0, 1]),
        ([3, 3, 3], [3, 3]),
        ([1, 2], [1, 2]),
    ],
    ids=["few and a giant", "many and a giant", "a falling loss", "a spike above zeros", "constant", "two"],
)
def test_one_giant_does_not_flatten_the_axis_and_a_falling_loss_is_whole(
    page: Page, values: list[float], expected: list[float]
) -> None:
    low, high = call(page, "scales", "robust", values)
    assert low == expected[0]
    assert max(v for v in values if v < 1e30) <= high <= expected[1]


def test_of_no_finite_value_there_is_no_range(page: Page) -> None:
    assert call(page, "scales", "robust", [None, None]) is None
    assert call(page, "scales", "extent", []) is None


@pytest.mark.parametrize("kind", ["linear", "log"])
def test_a_scale_goes_there_and_back(page: Page, kind: str) -> None:
    there = """async (kind) => { const { scale } = await import("/charts/scales.js");
      const s = scale(kind, [0.5, 8], [300, 20]);
      return [s.at(0.5), s.at(8), s.back(s.at(3)), s.takes(0), s.takes(NaN)] }"""
    start, end, back, zero, nan = page.evaluate(there, kind)
    assert [start, end, back] == pytest.approx([300, 20, 3])
    assert (zero, nan) == (kind == "linear", False)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_are_told_from_paper_in_both_themes(page: Page, theme: str) -> None:
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    own = """async () => { const { coloursOf } = await import("/charts/palette.js");
      const { lines, dark, paper } = coloursOf(document.body); return { lines, dark, paper } }"""
    found = page.evaluate(own)
    assert found["dark"] == (theme == "dark")
    paper = [int(part) for part in found["paper"].removeprefix("rgb(").removesuffix(")").split(",")]
    assert len(set(found["lines"])) == 6
    for line in found["lines"]:
        assert contrast([int(line[i : i + 2], 16) for i in (1, 3, 5)], paper) >= 3


def contrast(*colours: list[int]) -> float:
    """By WCAG 2."""
    shares = [[part / 255 for part in colour] for colour in colours]
    linear = [[s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in three] for three in shares]
    dim, bright = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in linear)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("model", EVERY, ids=lambda model: str(model["kind"]))
def test_a_canvas_and_a_drawing_are_given_the_same_paths(page: Page, model: dict[str, Any]) -> None:
    drawn = draw(page, model)
    assert len(drawn["paths"]) == sum(drawn["counted"].values()) > 0
    assert not any("NaN" in path or "Infinity" in path for path in drawn["paths"])


@pytest.mark.parametrize("model", EVERY, ids=lambda model: str(model["kind"]))
@pytest.mark.parametrize("size", [(0, 0), (320, 240)])
def test_no_size_is_too_small(page: Page, model: dict[str, Any], size: tuple[int, int]) -> None:
    width, height = size
    drawn = page.evaluate(
        DRAW.replace("window.pixel", "if (width) window.pixel"),
        {
            "model": model,
            "width": width,
            "height": height,
        },
    )
    assert drawn["described"]["sentence"].endswith(".")


@pytest.mark.parametrize("model", EVERY, ids=lambda model: str(model["kind"]))
def test_tables_are_as_wide_as_their_heads(page: Page, model: dict[str, Any]) -> None:
    table = call(page, model["kind"], "table", model)
    assert table["rows"]
    assert {len(row) for row in table["rows"]} == {len(table["head"])}


@pytest.mark.parametrize(
    ("ys", "sentence"),
    [
        ([2.44, 0.09, 0.11], "loss falls from 2.44 to 0.11; least 0.09 at 1, greatest 2.44 at 0."),
        ([3, 3, 3], "loss is 3 throughout."),
        ([7], "loss is 7 throughout."),
        ([], "loss has no finite value."),
    ],
)
def test_lines_are_told_in_a_sentence(page: Page, ys: list[float | None], sentence: str) -> None:
    drawn = draw(page, lines(series(ys)))
    assert drawn["described"]["sentence"] == sentence
    assert drawn["described"]["points"] == len(ys)


def test_nothing_recorded_yet_is_told(page: Page) -> None:
    assert draw(page, lines())["described"]["sentence"] == "Nothing is recorded yet."


def signs(drawn: dict[str, Any]) -> list[str]:
    return [each["text"] for each in drawn["texts"] if each["text"] in "⊗△▽▴▾"]


def test_what_is_not_finite_is_marked_at_the_frame(page: Page) -> None:
    strange = [[10, "NaN"], [20, "Infinity"], [30, "-Infinity"]]
    ys = [None if i in (10, 20, 30) else 1 + i / 50 for i in range(50)]
    drawn = draw(page, lines(series(ys, nonfinite=strange)))
    assert signs(drawn) == ["⊗", "△", "▽"]
    [path] = [path for path in drawn["paths"] if path.count("L") > 20]
    assert path.count("M") == 4  # a gap at each


def test_all_nan_is_marked_and_told(page: Page) -> None:
    drawn = draw(page, lines(series([None] * 40, nonfinite=[[i, "NaN"] for i in range(40)])))
    assert set(signs(drawn)) == {"⊗"}
    assert drawn["described"]["sentence"] == "loss has no finite value, 40 not finite."


def test_a_giant_is_marked_and_does_not_hide_what_is_not_a_number(page: Page) -> None:
    ys = [1e30 if 300 < i < 340 else None if i == 320 else 1 + i % 7 for i in range(3000)]
    drawn = draw(page, lines(series(ys, nonfinite=[[320, "NaN"]])))
    assert signs(drawn)[0] == "⊗"
    assert drawn["y"][1] < 100
    beside = draw(page, lines(series([1e30 if i == 9 else 1.0 + i % 3 for i in range(20)])))
    assert signs(beside) == ["▴"]


def test_on_a_logarithmic_axis_zeros_are_marked(page: Page) -> None:
    drawn = draw(page, lines(series([1, 0.1, 0, 0.001, -1]), scale="log"))
    assert signs(drawn) == ["▾", "▾"]
    assert drawn["y"] == pytest.approx([0.001, 1])


def test_a_point_alone_can_be_seen(page: Page) -> None:
    draw(page, lines(series([None, 2.0, None])))
    there = "() => { const { place } = drawn; return pixel(place.x.at(1), place.y.at(2))[3] }"
    assert page.evaluate(there) > 100


def test_names_at_the_ends_of_lines_lie_apart_and_within_the_plot(page: Page) -> None:
    six = [series([2.4, 1, 0.1 + i / 1000], f"job {i}", colour=i) for i in range(6)]
    drawn = draw(page, lines(*six), height=200)
    heights = sorted(each["y"] for each in drawn["texts"] if each["text"].startswith("job "))
    assert len(heights) == 6
    assert min(b - a for a, b in pairwise(heights)) >= 13
    assert drawn["plot"]["top"] <= heights[0] <= heights[-1] <= drawn["plot"]["bottom"]


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
