"""Numbers of seeds that are known by bounds, and grid points, as figures have them."""

from math import inf

import pytest

from bnlab.figures.columns import Dot, difference, finite, middle, point_in_words, point_of, ratio


def test_a_difference_is_as_wide_as_both_bounds_allow() -> None:
    assert difference(3, Dot(3, 0.5, 0.75), Dot(3, 0.25, 0.5)) == Dot(3, 0.0, 0.5)
    assert difference(3, Dot(3, inf, inf), Dot(3, inf, inf)) == Dot(3, -inf, inf)


@pytest.mark.parametrize("nothing", [0.0, inf])
def test_of_two_zeros_or_two_infinite_numbers_the_ratio_may_be_anything(nothing: float) -> None:
    assert ratio(3, Dot(3, 800, 1000), Dot(3, 80, 100)) == Dot(3, 8.0, 12.5)
    assert ratio(3, Dot(3, nothing, nothing), Dot(3, nothing, nothing)) == Dot(3, -inf, inf)


def test_points_whose_values_are_lists_are_keys_and_are_said_in_short() -> None:
    point = point_of({"/architecture/hidden": [100, 100], "/training/optimizer/learning_rate": 0.1})
    assert {point: 1}[point] == 1
    assert point_in_words(point, short=True) == "2x100\n0.1"


def test_what_is_drawn_is_finite() -> None:
    dots = [Dot(0, 1, 2), Dot(1, 3, inf), Dot(2, -inf, inf)]
    assert finite(dots) == [1, 2, 3]
    assert [middle(dot) for dot in dots[:2]] == [1.5, inf]
