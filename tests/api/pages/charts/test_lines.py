"""Lines: what is said of them, and what is not finite or lies beyond."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.api.pages.charts.drawing import draw, lines, series


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
