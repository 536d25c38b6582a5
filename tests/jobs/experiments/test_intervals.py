"""Means over seeds and ratios of them have the intervals that theory gives them, however many seeds there are."""

import math

import numpy as np
import pytest

from jobs.experiments.intervals import T_975, estimate, estimates, ratio, t_975


def test_the_table_of_students_t_is_that_of_its_density() -> None:
    for df, quantile in enumerate(T_975, 1):
        x = np.linspace(0, quantile, 20_001)
        scale = math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(df * math.pi)
        density = scale * (1 + x**2 / df) ** (-(df + 1) / 2)
        assert np.trapezoid(density, x) == pytest.approx(0.475, abs=3e-5)


def test_students_t_is_known_for_any_number_of_degrees_of_freedom() -> None:
    known = {1: 12.706, 30: 2.042, 31: 2.0395, 35: 2.0301, 40: 2.0211, 60: 2.0003, 120: 1.9799, 1000: 1.9623}
    assert {df: t_975(df) for df in known} == {df: pytest.approx(t, abs=6e-5) for df, t in known.items()}
    assert t_975(10**9) == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize("n", [31, 32, 200])
def test_a_mean_over_any_number_of_values_has_its_interval(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    found = estimate(values.tolist())
    assert found is not None
    assert found.mean is not None
    assert found.high is not None
    assert found.high - found.mean == pytest.approx(t_975(n - 1) * values.std(ddof=1) / n**0.5)


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("others", [[], [0.5], [0.5, 0.7, -math.inf]])
def test_a_mean_that_is_not_finite_is_none(value: float, others: list[float]) -> None:
    found = estimate([value, *others])
    assert found is not None
    assert (found.mean, found.low, found.high, found.n) == (None, None, None, 1 + len(others))


def test_the_interval_of_a_ratio_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        slow, fast = random.normal(300, 30, 10), random.normal(100, 10, 10)
        found = ratio(slow.tolist(), fast.tolist())
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 3 <= found.high
    assert 170 <= held <= 200


def test_one_seed_has_no_interval() -> None:
    found = estimate([0.5])
    assert found is not None
    assert (found.mean, found.low, found.high, found.n) == (0.5, None, None, 1)


def test_many_means_at_once_are_those_of_each_columns_finite_values() -> None:
    x = np.random.default_rng(0).normal(size=(40, 45))
    for column in range(45):
        x[column:, column] = (math.nan, math.inf, -math.inf)[column % 3]  # the first has none, the last has all
    mean, half, n = estimates(x)
    for column in range(45):
        found = estimate(x[:column, column].tolist())
        assert n[column] == (0 if found is None else found.n)
        expected = (None, None) if found is None else (found.mean, found.high)
        for value, known in zip((mean[column], mean[column] + half[column]), expected, strict=True):
            assert value == pytest.approx(math.nan if known is None else known, nan_ok=True)
