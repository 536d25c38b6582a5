"""The p of a mean difference is the share of all patterns of signs that are as extreme: of few seeds and of many."""

from fractions import Fraction
from itertools import product
from math import inf

import numpy as np
import pytest

from jobs.experiments.statistics.interval import Bounds, known
from jobs.experiments.statistics.sign_flips import EXACT, bounded_sign_flip_p, sign_flip_p


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 11])
def test_it_is_what_counting_every_pattern_gives(n: int) -> None:
    differences = np.random.default_rng(n).normal(0.5, 1, n).round(1).tolist()
    exact = [Fraction(str(each)) for each in differences]
    bar = abs(sum(exact, Fraction()))
    patterns = product((1, -1), repeat=n)
    sums = [sum((s * x for s, x in zip(signs, exact, strict=True)), Fraction()) for signs in patterns]
    assert sign_flip_p(differences) == sum(abs(each) >= bar for each in sums) / 2**n


@pytest.mark.parametrize(("n", "least"), [(1, 1.0), (3, 0.25), (5, 0.0625), (6, 0.03125), (8, 0.0078125)])
def test_with_few_seeds_it_cannot_be_small(n: int, least: float) -> None:
    assert sign_flip_p([0.1] * n) == least


def test_of_no_differences_there_is_none() -> None:
    assert sign_flip_p([]) is None


def test_differences_that_are_all_zero_are_no_evidence() -> None:
    assert sign_flip_p([0.0] * 8) == 1.0


def test_sums_that_rounding_alone_sets_apart_are_equal() -> None:
    assert sign_flip_p([0.1 + 0.2, -0.3, 0.3]) == 1.0


def test_its_sign_and_unit_do_not_matter() -> None:
    differences = np.random.default_rng(0).normal(0.5, 1, 9)
    expected = sign_flip_p(differences.tolist())
    assert sign_flip_p((-1e-12 * differences).tolist()) == sign_flip_p((1e9 * differences).tolist()) == expected


@pytest.mark.parametrize(
    ("differences", "p"),
    [([inf] * 6, 0.03125), ([inf, 1.0, -2.0], 0.75), ([inf, -inf, 1.0], 1.0), ([-inf, -1.0, -2.0], 0.25)],
)
def test_one_that_never_arrived_outweighs_all_others(differences: list[float], p: float) -> None:
    assert sign_flip_p(differences) == p


@pytest.mark.parametrize("shift", [0.0, 0.3, 0.6])
def test_of_many_it_is_a_little_greater_than_the_exact_one_and_never_less(shift: float) -> None:
    differences = np.random.default_rng(1).normal(shift, 1, EXACT).tolist()
    exact, many = sign_flip_p(differences), sign_flip_p([*differences, 0.0])  # a sign of 0 changes no sum
    assert exact is not None
    assert many is not None
    assert exact <= many <= 1.01 * exact + 1e-9


def test_bounds_count_as_what_within_them_is_nearest_0() -> None:
    bounds = [Bounds(1, 4), Bounds(2, inf), Bounds(-3, -0.5), Bounds(-1, 2), Bounds(-inf, inf)]
    assert bounded_sign_flip_p(bounds) == sign_flip_p([1, 2, -0.5, 0, 0])
    assert bounded_sign_flip_p(known([0.5, 0.7, -0.1])) == sign_flip_p([0.5, 0.7, -0.1])
    assert bounded_sign_flip_p([]) is None
