"""Scales, ticks and colours of charts."""

import pytest
from playwright.sync_api import Page

from tests.api.pages.charts.drawing import call


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
