"""The rule by which claims are judged, fed invented results both ways."""

from typing import Any

import pytest

from bnlab.claims.verdicts import Check, Checked, Outcome, judged, verdict

HIGHER, LOWER = Check("higher", "a", "b"), Check("lower", "a", "b")
FEWER, ABOVE = Check("fewer steps", "a", "b", target=0.9), Check("above", "a", "", target=0.5)


def measured(low: float | None, high: float | None) -> dict[str, Any]:
    return {"mean": 0.0 if low is None or high is None else (low + high) / 2, "low": low, "high": high, "n": 3}


@pytest.mark.parametrize(
    ("check", "low", "high", "outcome"),
    [
        (HIGHER, 0.01, 0.2, "upheld"),
        (HIGHER, -0.01, 0.2, "open"),
        (HIGHER, -0.2, -0.01, "not upheld"),
        (LOWER, -0.2, -0.01, "upheld"),
        (LOWER, 0.01, 0.2, "not upheld"),
        (LOWER, -0.1, 0.2, "open"),
        (FEWER, 1.5, 4.0, "upheld"),
        (FEWER, 0.9, 4.0, "open"),
        (FEWER, 0.2, 0.9, "not upheld"),
        (ABOVE, 0.6, 0.7, "upheld"),
        (ABOVE, 0.4, 0.7, "open"),
        (ABOVE, 0.1, 0.4, "not upheld"),
        (HIGHER, None, None, "open"),
    ],
)
def test_an_interval_is_judged_by_the_side_on_which_it_lies(
    check: Check, low: float | None, high: float | None, outcome: str
) -> None:
    assert judged(check, {}, measured(low, high)).outcome == outcome


def test_what_no_seed_has_is_open() -> None:
    assert judged(HIGHER, {}, None).outcome == "open"


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["upheld", "upheld"], "upheld"),
        (["upheld", "open"], "mixed"),
        (["upheld", "not upheld"], "mixed"),
        (["not upheld", "open"], "not upheld"),
        (["not upheld", "not upheld"], "not upheld"),
        (["open", "open"], "open"),
    ],
)
def test_a_claim_is_judged_by_all_of_its_checks(outcomes: list[Outcome], expected: str) -> None:
    assert verdict([Checked(HIGHER, {}, None, outcome) for outcome in outcomes]) == expected
