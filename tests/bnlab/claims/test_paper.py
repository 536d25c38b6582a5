"""The paper's claims, held against the experiments that they are judged by."""

import pytest

from bnlab.claims.paper import CLAIMS, EXPERIMENTS, document
from bnlab.errors import CannotRun
from jobs.experiments.document import read
from jobs.experiments.members import members
from jobs.settings import Settings
from jobs.spec.known import in_catalogue


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claims_experiment_can_be_run_and_its_checks_are_of_its_variants(name: str) -> None:
    spec = read((EXPERIMENTS / f"{name}.json").read_bytes())
    assert spec.name == name
    assert members(spec, in_catalogue(Settings()), range(spec.seeds))
    assert "Ours: " in (spec.claim or "")
    for check in CLAIMS[name].checks:
        assert {check.variant, check.than} - {""} <= spec.variants.keys()
        assert check.kind != "fewer steps" or check.target in spec.targets
    assert spec.seeds > 1  # else there is no interval, and no verdict


def test_outside_a_checkout_an_experiment_is_not_there() -> None:
    with pytest.raises(CannotRun, match=r"nonesuch\.json is not there: claims are run from a checkout"):
        document("nonesuch")
