"""Models of every kind of chart, drawn by their modules alone."""

from math import exp
from typing import Any

from playwright.sync_api import Page

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
