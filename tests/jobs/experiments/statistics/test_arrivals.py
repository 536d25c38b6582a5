"""Steps to a target are bounds that no grid and no failure can bias, and so is their median over the seeds."""

from math import comb, inf, nan

import numpy as np
import pytest

from jobs.experiments.statistics.arrivals import NEVER, area_above, median_interval, steps_to
from jobs.experiments.statistics.interval import Bounds, Interval, known

# How many values lie beyond either end, and what is covered in per cent: coins, as the sign test's tables have them.
ENDS = {6: (0, 96.9), 7: (0, 98.4), 8: (1, 93.0), 9: (1, 96.1), 10: (1, 97.9), 11: (2, 93.5), 12: (2, 96.1)}
ENDS |= {15: (3, 96.5), 20: (5, 95.9), 25: (7, 95.7), 31: (9, 97.1)}


def interval(steps: list[Bounds]) -> Interval[Bounds]:
    """That of seeds which have one."""
    found = median_interval(steps)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("accuracy", "bounds"),
    [
        ([0.1, 0.5, 0.8, 0.9], Bounds(100, 200)),
        ([0.1, 0.8, 0.7, 0.9], Bounds(200, 300)),
        ([0.1, 0.9, 0.9, 0.7], Bounds(300, inf)),
        ([0.1, 0.2, 0.3, 0.4], Bounds(300, inf)),
        ([0.8, 0.8, 0.8, 0.8], Bounds(0, 0)),
        ([0.1, 0.9, nan, 0.9], Bounds(200, 300)),
    ],
)
def test_a_curve_arrives_where_it_stays(accuracy: list[float], bounds: Bounds) -> None:
    assert steps_to(np.array([0, 100, 200, 300]), np.array(accuracy), 0.8) == bounds


def test_what_was_there_at_the_first_evaluation_arrived_before_it() -> None:
    assert steps_to(np.array([50, 100]), np.array([0.9, 0.9]), 0.8) == Bounds(0, 50)


def test_of_a_curve_without_evaluations_nothing_is_known() -> None:
    assert steps_to(np.empty(0, np.int64), np.empty(0, np.float32), 0.8) == Bounds(0, inf)


def test_a_target_is_compared_in_the_curves_own_precision() -> None:
    assert steps_to(np.array([0, 1]), np.array([0.1, 0.9], np.float32), 0.9) == Bounds(0, 1)


@pytest.mark.parametrize(("n", "beyond", "covered"), [(n, *said) for n, said in ENDS.items()])
def test_the_ends_of_the_median_are_those_that_cover_nearly_95_percent(n: int, beyond: int, covered: float) -> None:
    found = interval([Bounds(i, i + 0.5) for i in range(n)])
    assert (found.low, found.high) == (beyond, n - 1 - beyond + 0.5)
    assert found.coverage == 1 - 2 * sum(comb(n, heads) for heads in range(beyond + 1)) / 2**n
    assert round(100 * found.coverage, 1) == covered


@pytest.mark.parametrize(("n", "coverage"), [(2, 0.5), (3, 0.75), (4, 0.875), (5, 0.9375)])
def test_of_few_seeds_it_is_their_range_and_says_how_often_that_covers(n: int, coverage: float) -> None:
    found = interval([Bounds(i, i + 1) for i in range(n)])
    assert (found.low, found.high, found.coverage) == (0, n, coverage)


@pytest.mark.parametrize("steps", [[], [Bounds(100, 200)]])
def test_one_seed_has_none(steps: list[Bounds]) -> None:
    assert median_interval(steps) is None


def test_seeds_that_never_arrived_are_counted_and_make_the_high_end_infinite() -> None:
    found = interval([Bounds(100 * i, 100 * i + 100) for i in range(8)] + [Bounds(1000, inf), NEVER])
    assert (found.low, found.high, found.centre) == (100, inf, Bounds(450, 550))


def test_one_diverged_seed_of_ten_does_not_make_the_median_infinite() -> None:
    assert interval([*known([1, 2, 3, 4, 5, 6, 7, 8, 9]), NEVER]).high == 9


def test_where_all_diverged_the_median_is_infinite() -> None:
    found = interval([NEVER] * 8)
    assert (found.low, found.high, found.centre) == (inf, inf, NEVER)


def test_the_area_above_a_curve_is_the_same_on_a_finer_grid_of_it() -> None:
    coarse, fine = np.array([0, 100, 1000]), np.array([0, 1, 2, 50, 100, 550, 1000])
    accuracy = np.array([0.1, 0.8, 0.9])
    found = area_above(coarse, accuracy, budget=1000, chance=0.1)
    assert found == pytest.approx((0.55 * 100 + 0.15 * 900) / 1000)
    assert area_above(fine, np.interp(fine, coarse, accuracy), budget=1000, chance=0.1) == pytest.approx(found)


def test_a_training_that_diverged_is_at_chance_from_its_last_evaluation_on() -> None:
    step, accuracy = np.array([0, 100]), np.array([0.5, 0.5])
    assert area_above(step, accuracy, budget=1000, chance=0.1) == pytest.approx((0.5 * 100 + 0.9 * 900) / 1000)
    assert area_above(step[:0], accuracy[:0], budget=1000, chance=0.1) == 0.9


def test_of_one_evaluation_at_the_budget_the_area_is_its_error() -> None:
    assert area_above(np.array([100]), np.array([0.75]), budget=100, chance=0.1) == 0.25
