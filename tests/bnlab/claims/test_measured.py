"""What checks are of, out of comparisons as the server answers them."""

from typing import Any

from bnlab.claims.checks import Check
from bnlab.claims.measured import of_numbers

LOW, HIGH = {"/training/optimizer/learning_rate": 0.1}, {"/training/optimizer/learning_rate": 3.0}


def estimate(low: float, high: float) -> dict[str, Any]:
    return {"centre": (low + high) / 2, "low": low, "high": high, "coverage": 0.96, "n": 8}


def pair(point: dict[str, Any], low: float, high: float, **named: Any) -> dict[str, Any]:
    return {"variant": "with BN", "point": point, "p": 0.008, **named} | {
        "difference" if "minus" in named else "ratio": estimate(low, high)
    }


ANSWER = {
    "values": [
        {"variant": "with BN", "point": LOW, "value": estimate(0.6, 0.7)},
        {"variant": "without BN", "point": LOW, "value": estimate(0.1, 0.2)},
    ],
    "differences": [pair(LOW, 0.4, 0.6, minus="without BN"), pair(HIGH, -0.1, 0.1, minus="without BN")],
    "ratios": [pair(LOW, 3.0, 6.0, over="without BN")],
}


def found(check: Check) -> list[tuple[Any, str, float | None]]:
    return [(each.point, each.outcome, each.p) for each in of_numbers(check, ANSWER, [LOW, HIGH])]


def test_a_difference_is_judged_at_every_grid_point_with_its_p() -> None:
    assert found(Check("higher", "with BN", "without BN")) == [(LOW, "upheld", 0.008), (HIGH, "open", 0.008)]


def test_a_check_of_one_grid_point_is_judged_there_alone() -> None:
    assert found(Check("higher", "with BN", "without BN", at=HIGH)) == [(HIGH, "open", 0.008)]
    assert found(Check("higher", "with BN", "without BN", at={"/data/batch_size": 2})) == []


def test_a_value_is_that_of_the_variant_itself_and_one_that_is_not_there_is_open() -> None:
    (first, second) = found(Check("above", "with BN", target=0.5))
    assert (first[1], second) == ("upheld", (HIGH, "open", None))


def test_of_a_ratio_p_is_not_that_of_as_much() -> None:
    (first, _) = found(Check("above", "with BN", "without BN", target=2.0))
    assert (first[1], round(first[2] or 1, 6)) == ("upheld", 0.04)
