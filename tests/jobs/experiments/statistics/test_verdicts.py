"""A verdict follows from an interval alone, and several checks that are read as one are corrected for it."""

from math import inf

import pytest

from jobs.experiments.statistics.interval import Interval
from jobs.experiments.statistics.verdicts import Outcome, holm, verdict_on_difference, verdict_on_ratio


def between(low: float, high: float, coverage: float = 0.961) -> Interval[float]:
    """An interval of eight seeds."""
    return Interval(low, high, (low + high) / 2, coverage, 8, "symmetric")


DIFFERENCES: list[tuple[float, float, Outcome]] = [
    (0.01, 0.05, "better"),
    (-0.05, -0.01, "worse"),
    (-0.01, 0.02, "equal"),
    (0.001, 0.02, "equal"),
    (-0.02, 0.0, "equal"),
    (-0.01, 0.05, "open"),
    (0.0, 0.05, "open"),
    (-inf, inf, "open"),
    (0.01, inf, "better"),
]
TURNED: dict[Outcome, Outcome] = {"better": "worse", "worse": "better", "equal": "equal", "open": "open"}


@pytest.mark.parametrize(("low", "high", "outcome"), DIFFERENCES)
def test_a_difference_is_better_worse_equal_or_open(low: float, high: float, outcome: Outcome) -> None:
    assert verdict_on_difference(between(low, high), 0.02, "higher") == outcome
    assert verdict_on_difference(between(low, high), 0.02, "lower") == TURNED[outcome]


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [(2, 9, "worse"), (2, inf, "worse"), (0.1, 0.5, "better"), (0.92, 1.09, "equal"), (0.5, 2, "open")],
)
def test_a_ratio_is_better_worse_equal_or_open_about_1(low: float, high: float, outcome: Outcome) -> None:
    assert verdict_on_ratio(between(low, high), 0.1, "lower") == outcome
    assert verdict_on_ratio(between(1 / high, 1 / low), 0.1, "higher") == outcome


def test_without_a_delta_only_variants_that_never_differ_are_equal() -> None:
    assert verdict_on_difference(between(0, 0), 0, "higher") == "equal"
    assert verdict_on_difference(between(0, 1e-9), 0, "higher") == "open"


def test_with_too_few_seeds_a_verdict_is_open() -> None:
    assert verdict_on_difference(None, 0.02, "higher") == "open"
    assert verdict_on_difference(between(0.3, 0.5, coverage=0.75), 0.02, "higher") == "open"
    assert verdict_on_ratio(between(0.99, 1.01, coverage=0.9375), 0.1, "lower") == "open"


@pytest.mark.parametrize(
    ("p", "corrected"),
    [
        ([], ()),
        ([0.04], (0.04,)),
        ([0.01, 0.04, 0.03, 0.005], (0.03, 0.06, 0.06, 0.02)),
        ([0.02, 0.02, 0.02], (0.06, 0.06, 0.06)),
        ([0.9, 0.6], (1.0, 1.0)),
    ],
)
def test_holms_correction_keeps_the_order_and_never_passes_1(p: list[float], corrected: tuple[float, ...]) -> None:
    assert holm(p) == pytest.approx(corrected)
