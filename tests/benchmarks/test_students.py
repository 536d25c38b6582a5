"""Means have the intervals that theory gives them, however many values there are."""

import math

import numpy as np
import pytest

from benchmarks.students import T_975, students_interval, t_975


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


@pytest.mark.parametrize("n", [2, 31, 200])
def test_a_mean_over_any_number_of_values_has_its_interval(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    found = students_interval(values.tolist())
    assert found is not None
    half = t_975(n - 1) * values.std(ddof=1) / n**0.5
    assert (found.low, found.centre, found.high) == pytest.approx(values.mean() + np.array([-half, 0, half]))
    assert (found.coverage, found.n, found.assumes) == (0.95, n, "normal")


def test_one_value_has_no_interval() -> None:
    assert students_interval([0.5]) is None
    assert students_interval([]) is None
