"""The signed-rank interval is that of the tables, covers what it says, and stays within the differences."""

from itertools import product
from math import inf, isnan

import numpy as np
import pytest

from jobs.experiments.statistics.interval import Bounds, Interval, known
from jobs.experiments.statistics.signed_ranks import (
    bounded_signed_rank_interval,
    rank_sum_probabilities,
    signed_rank_interval,
    walsh_averages,
)

# The greatest rank sum that is significant at 5 %, two-sided, by pairs: Wilcoxon and Wilcox 1964.
CRITICAL = {6: 0, 7: 2, 8: 3, 9: 5, 10: 8, 11: 10, 12: 13, 13: 17, 14: 21, 15: 25, 20: 52, 25: 89, 30: 137}


def interval(differences: list[float]) -> Interval[float]:
    """That of differences which have one."""
    found = signed_rank_interval(differences)
    assert found is not None
    return found


@pytest.mark.parametrize(("n", "critical"), CRITICAL.items())
def test_the_ends_are_those_of_the_printed_tables(n: int, critical: int) -> None:
    differences = np.random.default_rng(n).normal(size=n).tolist()
    averages, found = walsh_averages(differences, unknown=0), interval(differences)
    assert (found.low, found.high) == (averages[critical], averages[-critical - 1])
    assert found.coverage == pytest.approx(1 - 2 * rank_sum_probabilities(n)[: critical + 1].sum())
    assert found.coverage >= 0.95


def test_the_null_is_the_count_of_all_patterns_of_signs() -> None:
    sums = [sum(rank for rank, counts in enumerate(pattern, 1) if counts) for pattern in product((0, 1), repeat=7)]
    assert (rank_sum_probabilities(7) * 2**7).tolist() == np.bincount(sums).tolist()


@pytest.mark.parametrize("sizes", [(1, 2, 4), (1, 2, 4, 8, 16), (1, 2, 4, 8, 16, 32), (3, 5, 6, 7, 13, 17, 24, 40)])
def test_it_holds_the_centre_in_exactly_the_share_of_all_patterns_that_it_says(sizes: tuple[int, ...]) -> None:
    found = [interval([s * x for s, x in zip(signs, sizes, strict=True)]) for signs in _signs(len(sizes))]
    held = [each.low <= 0 <= each.high for each in found]
    assert sum(held) / len(held) == found[0].coverage


@pytest.mark.parametrize("sizes", [(1, 1, 1, 2, 2, 2), (0, 0, 1, 2, 3, 4), (0, 1, 1, 1, 1, 1, 1, 5)])
def test_with_equal_differences_and_zeros_it_holds_the_centre_at_least_as_often(sizes: tuple[int, ...]) -> None:
    found = [interval([s * x for s, x in zip(signs, sizes, strict=True)]) for signs in _signs(len(sizes))]
    held = [each.low <= 0 <= each.high for each in found]
    assert sum(held) / len(held) >= found[0].coverage


@pytest.mark.parametrize(("n", "coverage"), [(2, 0.5), (3, 0.75), (4, 0.875), (5, 0.9375), (6, 0.96875)])
def test_up_to_six_differences_it_is_their_range_and_says_how_often_that_covers(n: int, coverage: float) -> None:
    differences = np.random.default_rng(n).normal(size=n).tolist()
    found = interval(differences)
    assert (found.low, found.high, found.coverage, found.n) == (min(differences), max(differences), coverage, n)


@pytest.mark.parametrize("differences", [[], [0.3]])
def test_one_difference_has_none(differences: list[float]) -> None:
    assert signed_rank_interval(differences) is None


def test_it_never_leaves_the_range_of_the_differences() -> None:
    random = np.random.default_rng(0)
    for n in range(2, 32):
        differences = (1 - random.pareto(0.5, n)).tolist()
        found = interval(differences)
        assert min(differences) <= found.low <= found.centre <= found.high <= max(differences)


def test_with_one_training_of_eight_that_never_arrived_only_the_high_end_is_infinite() -> None:
    found = interval([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, inf])
    assert (found.low, found.centre, found.high) == (2.0, 4.5, inf)


def test_where_none_arrived_all_of_it_is_infinite() -> None:
    found = interval([inf] * 8)
    assert (found.low, found.centre, found.high) == (inf, inf, inf)


def test_of_infinities_of_both_signs_the_averages_count_against_either_end() -> None:
    found = interval([inf, -inf, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert (found.low, found.high) == (-inf, inf)
    assert found.centre == 3.5
    assert isnan(interval([inf, -inf]).centre)


def test_where_the_middle_lies_between_infinities_of_both_signs_nothing_is_known_of_it() -> None:
    found = bounded_signed_rank_interval(known([-inf, inf, inf]))
    assert found is not None
    assert found.centre == Bounds(-inf, inf)


def test_of_bounds_it_holds_that_of_whatever_lies_between_them() -> None:
    random = np.random.default_rng(0)
    for n in range(2, 12):
        values = random.normal(size=n)
        below, above = random.exponential(size=(2, n))
        found = bounded_signed_rank_interval(
            [Bounds(*ends) for ends in zip(values - below, values + above, strict=True)]
        )
        inner = interval(values.tolist())
        assert found is not None
        assert found.low < inner.low
        assert inner.high < found.high
        assert found.centre.low < inner.centre < found.centre.high
        assert found.coverage == inner.coverage


def _signs(n: int) -> list[tuple[int, ...]]:
    return list(product((1, -1), repeat=n))
