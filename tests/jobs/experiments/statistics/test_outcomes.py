"""Shares of seeds that learn have the intervals of the literature; paired outcomes are tested as coins are."""

from math import comb

import numpy as np
import pytest

from jobs.experiments.statistics.outcomes import Discordant, mcnemar, wilson_interval


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_a_share_is_that_of_newcombes_table(k: int, n: int, low: float, high: float) -> None:
    found = wilson_interval(k, n)
    assert (found.low, found.centre, found.high) == pytest.approx((low, k / n, high), abs=5e-5)


@pytest.mark.parametrize("n", [1, 3, 8, 40])
def test_a_share_lies_in_its_interval_and_that_within_0_and_1(n: int) -> None:
    for k in range(n + 1):
        found, turned = wilson_interval(k, n), wilson_interval(n - k, n)
        assert 0 <= found.low <= found.centre <= found.high <= 1
        assert (turned.low, turned.high) == pytest.approx((1 - found.high, 1 - found.low))


@pytest.mark.parametrize("n", [1, 5, 8])
def test_what_it_says_of_its_coverage_is_the_mean_over_all_true_shares(n: int) -> None:
    shares = np.linspace(0, 1, 20_001)
    held = np.zeros_like(shares)
    for k in range(n + 1):
        found = wilson_interval(k, n)
        inside = (found.low <= shares) & (shares <= found.high)
        held += inside * comb(n, k) * shares**k * (1 - shares) ** (n - k)
    assert wilson_interval(0, n).coverage == pytest.approx(np.trapezoid(held, shares), abs=1e-4)


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"), [(0, 0, 1.0), (1, 1, 1.0), (6, 0, 2 / 64), (1, 9, 22 / 1024), (2, 3, 1.0)]
)
def test_paired_outcomes_that_differ_are_tested_as_coins_are(only_first: int, only_second: int, p: float) -> None:
    first = [True] * only_first + [False] * only_second + [True, False, True]
    second = [False] * only_first + [True] * only_second + [True, False, True]
    assert mcnemar(first, second) == Discordant(only_first, only_second, p)
