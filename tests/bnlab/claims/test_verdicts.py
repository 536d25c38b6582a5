"""The rule by which claims are judged, fed invented results both ways."""

from typing import Any

import pytest

from bnlab.claims.verdicts import Check, Checked, Outcome, concluded, judged, told, verdict

HIGHER, LOWER = Check("higher", "a", "b"), Check("lower", "a", "b")
FEWER, ABOVE = Check("fewer steps", "a", "b", target=0.9), Check("above", "a", "", target=0.5)


def measured(low: float | None, high: float | None, coverage: float = 0.96) -> dict[str, Any]:
    centre = 0.0 if low is None or high is None else (low + high) / 2
    return {"centre": centre, "low": low, "high": high, "coverage": coverage, "n": 8}


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


def test_an_interval_that_covers_too_little_is_open() -> None:
    assert judged(HIGHER, {}, measured(0.1, 0.2, 0.75)).outcome == "open"


def test_steps_that_are_infinitely_many_are_judged_too() -> None:
    never = {"centre": {"low": 5.0, "high": "Infinity"}, "low": 2.0, "high": "Infinity", "coverage": 0.96, "n": 8}
    assert judged(FEWER, {}, never).outcome == "upheld"
    assert told(judged(FEWER, {}, never)).endswith("more than 5, 96 % interval more than 2: upheld")


@pytest.mark.parametrize(
    ("concluded_outcome", "outcome"),
    [("better", "upheld"), ("worse", "not upheld"), ("equal", "not upheld"), ("open", "open")],
)
def test_an_experiments_own_verdict_is_taken_as_it_is(concluded_outcome: str, outcome: str) -> None:
    said = {"outcome": concluded_outcome, "point": {}, "interval": measured(0.1, 0.2), "sentence": "'a' is above 'b'."}
    found = concluded(Check("better", "a"), said)
    assert (found.outcome, told(found)) == (outcome, "'a' is above 'b'.")


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
