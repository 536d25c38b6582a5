"""Dots, medians, bars and arrows."""

from math import inf, isnan
from typing import Any

from matplotlib.figure import Figure

from bnlab.figures.columns import Column, Dot
from bnlab.figures.dots import draw_bar, draw_columns
from bnlab.sdk.estimates import Estimate

PLACES = {"a": 0, "b": 1}


def column(variant: str, *values: float, word: str = "", point: int | None = None) -> Column:
    dots = tuple(Dot(seed, value, value) for seed, value in enumerate(values))
    return Column(variant, () if point is None else (("/depth", point),), dots, word=word)


def drawn(*columns: Column, logarithmic: bool = False, same: float | None = None) -> Any:
    axes: Any = Figure().subplots()
    draw_columns(axes, columns, PLACES, logarithmic=logarithmic, same=same)
    return axes


def ticks(axes: Any) -> list[list[float]]:
    """The medians' heights: a tick is the only bold line."""
    return [list(line.get_ydata()) for line in axes.get_lines() if line.get_linewidth() > 1.7]


def test_seeds_of_two_grid_points_are_not_joined() -> None:
    axes = drawn(column("a", 1, 2, point=3), column("b", 2, 3, point=3), column("a", 3, 4, point=6))
    (joined,) = [line for line in axes.get_lines() if line.get_linewidth() < 0.6]
    assert [y for y in joined.get_ydata() if not isnan(y)] == [1, 2, 2, 3]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["depth 3", "depth 6"]


def test_columns_stand_by_grid_point_whatever_order_they_come_in() -> None:
    axes = drawn(*(column(name, 1, 2, point=point) for name in ("a", "b") for point in (3, 6)))
    assert [label.get_text() for label in axes.get_xticklabels()] == ["depth 3", "depth 6"]
    middles = [label.get_position()[0] for label in axes.get_xticklabels()]
    dots = sorted(
        (float(line.get_xdata()[0]), line.get_marker()) for line in axes.get_lines() if line.get_marker() != "None"
    )
    assert [marker for _, marker in dots] == ["o", "s", "o", "s"]
    assert dots[1][0] < sum(middles) / 2 < dots[2][0]


def test_many_grid_points_are_written_upright() -> None:
    few, many = (drawn(*(column("a", 1, 2, point=10**6 + point) for point in range(n))) for n in (2, 20))
    assert {label.get_rotation() for label in few.get_xticklabels()} == {0.0}
    assert {label.get_rotation() for label in many.get_xticklabels()} == {90.0}


def test_the_median_of_seeds_most_of_which_never_arrive_is_nowhere() -> None:
    never = Column("a", (), (Dot(0, 5, 6), Dot(1, 10, inf), Dot(2, 10, inf)))
    assert ticks(drawn(never, logarithmic=True)) == []
    most = Column("a", (), (Dot(0, 4, 6), Dot(1, 5, 7), Dot(2, 10, inf)))
    assert ticks(drawn(most, logarithmic=True)) == [[6.0, 6.0]]


def test_one_seed_is_a_dot_without_a_median() -> None:
    assert ticks(drawn(column("a", 1))) == []


def test_what_is_no_difference_is_on_the_axis_however_far_it_is() -> None:
    low, high = drawn(column("a", 10, 11), same=0.0).get_ylim()
    assert low < 0 < 11 < high


def test_a_bar_that_goes_on_beyond_the_axis_has_an_arrow_at_that_end() -> None:
    axes: Any = Figure().subplots()
    axes.set_ylim(0, 10)
    draw_bar(axes, 0.0, Estimate((3, 3), 2, inf, 0.96, 8), (0, 10))
    assert len([text for text in axes.texts if text.arrow_patch is not None]) == 1
    draw_bar(axes, 0.0, Estimate((3, 3), None, None, None, 1), (0, 10))
    assert len(axes.collections) == 1


def test_every_columns_word_is_there_even_below_a_grid_point() -> None:
    columns = [column(name, 1, 2, word=f"word {name}", point=point) for point in (3, 6) for name in ("a", "b", "a")]
    assert [label.get_text() for label in drawn(*columns).get_xminorticklabels()] == [
        "word a", "word b", "word a", "word a", "word b", "word a",
    ]  # fmt: skip
