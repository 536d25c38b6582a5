"""The paper's claims, held against the experiments that they are judged by."""

import json
from functools import cache

import pytest

from benchmarks.plan import PAGE, cost_of, planned
from bnlab.claims.checks import Check
from bnlab.claims.paper import CLAIMS, EXPERIMENTS, document
from bnlab.claims.quick import shortened
from bnlab.claims.verdicts import OF_VERDICT
from bnlab.errors import CannotRun
from jobs.experiments.members import Planned
from jobs.series.format.columns import expected


@cache
def jobs_of(name: str) -> Planned:
    return planned(document(name))


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claims_experiment_can_be_run_with_as_many_jobs_as_the_plan_says(name: str) -> None:
    assert document(name)["name"] == name
    assert "Ours: " in document(name)["claim"]
    (line,) = (line for line in PAGE.read_text().splitlines() if line.startswith(f"| {name} | "))
    quick = planned(shortened(document(name), CLAIMS[name].quick_steps))
    cells = line.split(" | ")
    assert (int(cells[1]), int(cells[6])) == (len(jobs_of(name)), len(quick))
    assert cost_of(jobs_of(name)).jobs == len(jobs_of(name))


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claims_checks_are_of_what_its_experiment_has(name: str) -> None:
    asked, claim = document(name), CLAIMS[name]
    variants, points = list(asked["variants"]), [member.point for member, _ in jobs_of(name)]
    for check in claim.checks:
        assert {check.variant, check.than if check.kind != "together" else ""} - {""} <= {*variants}
        assert any(check.at.items() <= point.items() for point in points), check
        assert not check.tuned or "tune" in asked
        if check.kind in OF_VERDICT:
            assert variants.index(check.variant) > 0  # it is compared with the first one
        elif check.than and check.kind != "together":
            assert variants.index(check.variant) > variants.index(check.than)  # so the server has the pair
    for series in (*claim.shown, *series_of(claim.checks)):
        table, _, column = series.partition(".")
        assert any(column in expected(job).get(table, ()) for _, job in jobs_of(name)), series


def series_of(checks: tuple[Check, ...]) -> list[str]:
    """Those that checks ask for, but for units, of which a whole layer is asked for."""
    asked = [check for check in checks if check.kind not in OF_VERDICT and check.summary != "wander"]
    return [series for check in asked for series in (check.series, check.minus) if series]


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_has_one_first_question(name: str) -> None:
    assert [check.role for check in CLAIMS[name].checks].count("primary") == 1


@pytest.mark.parametrize("name", CLAIMS)
def test_an_experiment_that_is_tuned_has_six_seeds_and_a_part_that_is_held_out(name: str) -> None:
    asked = json.loads((EXPERIMENTS / f"{name}.json").read_text())
    assert asked["seeds"] >= 6
    assert "tune" not in asked or asked["base"]["data"]["validation"]


def test_outside_a_checkout_an_experiment_is_not_there() -> None:
    with pytest.raises(CannotRun, match=r"nonesuch\.json is not there: claims are run from a checkout"):
        document("nonesuch")
