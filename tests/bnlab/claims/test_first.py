"""What the first report concluded."""

from bnlab.claims.first import FIRST
from bnlab.claims.paper import CLAIMS


def test_the_claims_of_the_first_report_are_claims_still_and_each_has_a_number_its_interval_and_a_reason() -> None:
    assert set(FIRST) <= set(CLAIMS)
    for first in FIRST.values():
        assert "95 % interval" in first.measured
        assert " to " in first.measured
        assert first.why.endswith(".")
