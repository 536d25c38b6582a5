"""An interval's ends are ordered values, counted from either side by an exact distribution."""

from math import inf, isnan

import pytest

from jobs.experiments.statistics.interval import Bounds, Interval, order_of_ends, single


@pytest.mark.parametrize(
    ("probabilities", "k", "coverage"),
    [([0.5, 0.5], 1, 0.0), ([0.25, 0.5, 0.25], 1, 0.5), ([0.01, 0.01, 0.96, 0.01, 0.01], 2, 0.96)],
)
def test_the_ends_are_as_far_inside_as_the_level_allows(probabilities: list[float], k: int, coverage: float) -> None:
    assert order_of_ends(probabilities) == pytest.approx((k, coverage))


def test_a_centre_that_only_bounds_are_known_of_is_no_number() -> None:
    assert single(Interval(0, 3, Bounds(2, 2), 0.95, 8, None)) == Interval(0, 3, 2, 0.95, 8, None)
    assert isnan(single(Interval(0, inf, Bounds(2, inf), 0.95, 8, None)).centre)
