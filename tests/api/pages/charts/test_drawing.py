"""What all charts have in common: one drawing for canvas and SVG, any size, a table."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.api.pages.charts.drawing import DRAW, EVERY, call, draw


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
        DRAW.replace("window.pixel", "if (width) window.pixel"), {"model": model, "width": width, "height": height}
    )
    assert drawn["described"]["sentence"].endswith(".")


@pytest.mark.parametrize("model", EVERY, ids=lambda model: str(model["kind"]))
def test_tables_are_as_wide_as_their_heads(page: Page, model: dict[str, Any]) -> None:
    table = call(page, model["kind"], "table", model)
    assert table["rows"]
    assert {len(row) for row in table["rows"]} == {len(table["head"])}
