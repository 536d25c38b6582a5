"""Ratios are those of logarithms, so that turning them over turns the interval over; infinite ones are told as such."""

from math import exp, inf, log

import numpy as np
import pytest

from jobs.experiments.statistics.interval import Bounds, Interval, known, single
from jobs.experiments.statistics.ratios import ratio_interval
from jobs.experiments.statistics.signed_ranks import signed_rank_interval

EIGHT = np.exp(np.random.default_rng(0).normal(1, 0.5, (2, 8))).tolist()


def interval(over: list[float], under: list[float]) -> Interval[float]:
    """That of pairs which have one."""
    found = ratio_interval(known(over), known(under))
    assert found is not None
    return single(found)


def test_it_is_the_signed_rank_interval_of_the_logarithms() -> None:
    found = interval(*EIGHT)
    logs = signed_rank_interval([log(over / under) for over, under in zip(*EIGHT, strict=True)])
    assert logs is not None
    assert (found.low, found.centre, found.high) == pytest.approx((exp(logs.low), exp(logs.centre), exp(logs.high)))
    assert (found.coverage, found.n, found.assumes) == (logs.coverage, 8, "symmetric")


@pytest.mark.parametrize("n", [2, 3, 5, 6, 8])
def test_the_ratio_turned_over_has_the_interval_turned_over(n: int) -> None:
    over, under = EIGHT[0][:n], EIGHT[1][:n]
    found, turned = interval(over, under), interval(under, over)
    assert (turned.low, turned.centre, turned.high) == pytest.approx((1 / found.high, 1 / found.centre, 1 / found.low))


@pytest.mark.parametrize("n", [0, 1])
def test_one_pair_has_none(n: int) -> None:
    assert ratio_interval(known([2.0] * n), known([1.0] * n)) is None


def test_baselines_that_never_arrived_make_the_ratio_infinite_at_the_high_end_alone() -> None:
    found = interval([200.0, 300, 400, 500, 600, 700, 800, inf], [100.0] * 8)
    assert found.low == pytest.approx(3)  # the fourth least of 2, root 6, root 8, 3, ...
    assert found.high == inf
    assert interval([inf] * 8, [100.0] * 8).low == inf


@pytest.mark.parametrize("value", [inf, 0.0])
def test_a_pair_of_two_infinite_numbers_or_two_zeros_may_have_any_ratio(value: float) -> None:
    found = interval([2.0, 2.0, value], [1.0, 1.0, value])
    assert (found.low, found.high) == (0, inf)


def test_few_ratios_have_their_range_and_say_how_often_that_covers() -> None:
    found = interval([1e-70, 1e70], [1.0, 1.0])
    assert (found.low, found.centre, found.high) == pytest.approx((1e-70, 1, 1e70))
    assert found.coverage == 0.5


def test_bounds_of_steps_give_the_widest_ratios_that_they_allow() -> None:
    found = ratio_interval([Bounds(900, 1000)] * 6, [Bounds(90, 100)] * 6)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((9, 1000 / 90))
    assert (found.centre.low, found.centre.high) == pytest.approx((9, 1000 / 90))


def test_a_target_reached_at_step_0_bounds_no_ratio() -> None:
    found = ratio_interval([Bounds(100, 200)] * 6, [Bounds(0, 0)] * 6)
    assert found is not None
    assert (found.low, found.high) == (inf, inf)
    found = ratio_interval([Bounds(0, 0)] * 6, [Bounds(0, 0)] * 6)
    assert found is not None
    assert (found.low, found.high) == (0, inf)
