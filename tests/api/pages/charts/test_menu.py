"""The menu under a chart: its table, its files, and the request behind it."""

import csv
import io
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from tests.api.pages.charts.figures import HEATMAP, LINES, NETWORK, STEPS, put, saved


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
