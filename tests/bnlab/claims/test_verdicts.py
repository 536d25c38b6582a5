"""The rule by which claims are judged, fed invented results both ways."""

from typing import Any

import pytest

from bnlab.claims.chance import of_signs
from bnlab.claims.checks import Check, Checked, Kind, Outcome, Role
from bnlab.claims.verdicts import concluded, judged, p_of_claim, verdict

HIGHER, LOWER = Check("higher", "a", "b"), Check("lower", "a", "b")
ABOVE, BELOW = Check("above", "a", target=0.5), Check("below", "a", "b", target=3.0)
NEAR = Check("near", "a", target=0.1, share=0.05)


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
        (ABOVE, 0.6, 0.7, "upheld"),
        (ABOVE, 0.4, 0.7, "open"),
        (ABOVE, 0.1, 0.4, "not upheld"),
        (BELOW, 1.1, 2.5, "upheld"),
        (BELOW, 1.1, 3.5, "open"),
        (BELOW, 3.5, 30.0, "not upheld"),
        (NEAR, 0.096, 0.104, "upheld"),
        (NEAR, 0.09, 0.104, "open"),
        (NEAR, 0.11, 0.12, "not upheld"),
        (HIGHER, None, None, "open"),
    ],
)
def test_an_interval_is_judged_by_where_it_lies(
    check: Check, low: float | None, high: float | None, outcome: str
) -> None:
    assert judged(check, {}, measured(low, high)).outcome == outcome


def test_what_no_seed_has_is_open() -> None:
    assert judged(HIGHER, {}, None).outcome == "open"


def test_an_interval_that_covers_too_little_is_open() -> None:
    assert judged(HIGHER, {}, measured(0.1, 0.2, 0.75)).outcome == "open"


def test_what_is_infinite_is_judged_too() -> None:
    never = {"centre": {"low": 5.0, "high": "Infinity"}, "low": 2.0, "high": "Infinity", "coverage": 0.96, "n": 8}
    assert judged(Check("above", "a", "b", target=1.0), {}, never).outcome == "upheld"
    assert judged(Check("below", "a", "b", target=1.0), {}, never).outcome == "not upheld"


@pytest.mark.parametrize(
    ("kind", "upheld", "others"),
    [
        ("better", "better", ("worse", "equal")),
        ("worse", "worse", ("better", "equal")),
        ("equal", "equal", ("better", "worse")),
    ],
)
def test_an_experiments_own_verdict_is_taken_as_it_is(kind: Kind, upheld: str, others: tuple[str, ...]) -> None:
    def outcome_of(outcome: str) -> str:
        said = {"outcome": outcome, "point": {}, "interval": measured(0.1, 0.2), "sentence": "So it is.", "p": 0.01}
        found = concluded(Check(kind, "a"), said)
        assert found.sentence == "So it is."
        return found.outcome

    assert outcome_of(upheld) == "upheld"
    assert outcome_of("open") == "open"
    assert [outcome_of(other) for other in others] == ["not upheld"] * 2


def of(outcome: Outcome, p: float | None = 0.008, role: Role = "part") -> Checked:
    return Checked(Check("higher", "a", "b", role=role), {}, None, outcome, p=p)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["upheld", "upheld"], "upheld"),
        (["upheld", "open"], "mixed"),
        (["upheld", "not upheld"], "mixed"),
        (["not upheld", "open"], "not upheld"),
        (["not upheld", "not upheld"], "not upheld"),
        (["open", "open"], "open"),
        ([], "open"),
    ],
)
def test_a_claim_is_judged_by_all_of_its_checks(outcomes: list[Outcome], expected: str) -> None:
    assert verdict([of(outcome) for outcome in outcomes]) == expected


def test_what_is_measured_beside_the_claim_decides_nothing() -> None:
    assert verdict([of("upheld"), of("not upheld", role="beside")]) == "upheld"
    assert verdict([of("open"), of("upheld", role="beside")]) == "open"


def test_that_one_of_many_checks_is_not_upheld_counts_only_after_holms_correction() -> None:
    assert verdict([of("not upheld", 0.03)]) == "not upheld"
    assert verdict([of("not upheld", 0.03), of("open")]) == "open"
    assert verdict([of("not upheld", 0.02), of("open")]) == "not upheld"


def test_a_claim_is_as_likely_by_chance_as_its_weakest_check_or_as_the_failure_that_is_least_so() -> None:
    assert p_of_claim([of("upheld", 0.008), of("upheld", 0.04)]) == 0.04
    assert p_of_claim([of("not upheld", 0.008), of("open")]) == 0.016
    assert p_of_claim([of("upheld"), of("open")]) == 1.0
    assert p_of_claim([of("upheld", 0.008), of("upheld", None)]) == 1.0


def test_a_difference_that_chance_would_often_give_is_open_wherever_its_interval_lies() -> None:
    differences = [-0.10, -0.29, 0.30, 0.31, 0.32, 0.33, 0.34, 0.35]  # whose interval by signed ranks is above 0
    found = judged(HIGHER, {}, measured(0.005, 0.33), p=20 / 256)
    assert (found.outcome, found.p) == ("open", of_signs(differences))


def test_values_are_held_against_the_bound_that_they_would_have_to_pass() -> None:
    inside, beyond = [0.099 + i / 4000 for i in range(8)], [0.11 + i / 1000 for i in range(8)]
    assert judged(NEAR, {}, measured(0.099, 0.101), values=inside).p == 2 / 256
    found = judged(NEAR, {}, measured(0.11, 0.117), values=beyond)
    assert (found.outcome, found.p) == ("not upheld", 2 / 256)
    six = [found] * 6
    assert (verdict(six), p_of_claim(six)) == ("not upheld", 6 * 2 / 256)


def test_of_an_ensemble_p_is_that_of_a_mean_over_images() -> None:
    together = Check("together", than="the members' mean")
    assert judged(together, {}, measured(0.002, 0.006, 0.95)).p == pytest.approx(8.9e-5, rel=0.01)


def test_where_only_an_interval_is_known_p_is_what_it_does_not_cover() -> None:
    assert judged(HIGHER, {}, measured(0.1, 0.2)).p == pytest.approx(0.04)
    assert judged(HIGHER, {}, measured(0.1, 0.2), p=0.008).p == 0.008
    assert judged(HIGHER, {}, measured(-0.1, 0.2)).p is None
    same = {"outcome": "equal", "point": {}, "interval": measured(0.0, 0.0), "sentence": "", "p": 1.0}
    assert concluded(Check("equal", "a"), same).p == pytest.approx(0.04)
