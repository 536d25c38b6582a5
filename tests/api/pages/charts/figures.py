"""Models of charts, and what tests do with a figure on a page."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

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
