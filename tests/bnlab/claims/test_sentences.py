"""Results of claims in sentences."""

from typing import Any

from bnlab.claims.sentences import clause, in_short, missed, paragraph
from tests.support.claim_results import RATE, checked, estimate, result, verdict

WITHOUT, WITH = "without BN", "with BN"
SHARE = {"series": "jacobian.hidden2.share_near_one", "minus": "jacobian.hidden2.share_random", "summary": "mean"}


def compared(measure: str = "difference", **document: Any) -> dict[str, Any]:
    numbers = {WITHOUT: [(0.5, 0.5), (0.5, 0.5)], WITH: [(0.25, 0.25), (0.25, 0.25)]}
    concluded = verdict(WITH, WITHOUT, {RATE: 1.0}, numbers, measure=measure, sentence="It is faster.")
    measured = concluded["interval"]
    primary = checked(WITH, measured, sentence="It is faster.", kind="better", role="primary", point={RATE: 1.0})
    return result([WITHOUT, WITH], verdicts=[concluded], checks=[primary], document=document)


def test_a_paragraph_has_the_verdict_then_the_primary_check_and_where() -> None:
    beside = checked(WITH, estimate([1.0, 2.0]), role="beside")
    part = checked(WITH, estimate([0.1, 0.2]), **SHARE)
    found = compared()
    found["checks"] = [beside, part, *found["checks"]]
    assert paragraph(found) == (
        "**Upheld.** At learning rate 1: It is faster. The mean of `jacobian.hidden2.share_near_one` minus "
        "`jacobian.hidden2.share_random` of 'with BN' is above 0: 0.15, 50 % interval 0.1 to 0.2; upheld."
    )


def test_of_many_checks_the_paragraph_tells_three() -> None:
    many = [checked(f"variant {number}", None, "open") for number in range(5)]
    assert paragraph(result([WITH], checks=many)).endswith("2 more checks below.")
    assert "nothing was measured; open." in paragraph(result([WITH], checks=many))


def test_a_clause_says_what_was_compared_and_by_how_much() -> None:
    assert clause(compared()) == "accuracy on the test set at the end: with BN 0.25 below without BN"
    steps = compared("ratio", primary={"kind": "steps_to", "target": 0.9})
    assert clause(steps) == "steps to 0.9: with BN 2 times as fast as without BN"
    largest = compared("ratio", primary={"kind": "largest", "over": RATE})
    assert clause(largest) == "largest learning rate at which it learns: with BN 2 times as large as without BN"


def test_a_clause_of_another_number_is_the_check_with_its_centre() -> None:
    near = checked(
        "SGD", estimate([0.01, 0.03]), kind="near", series="activations.hidden2.update_ratio", target=0.02, share=0.05
    )
    assert clause(result(["SGD"], checks=[near])).endswith("within 5 % of 0.02: 0.02")
    assert clause(result(["SGD"], checks=[checked("SGD", None)])) == "nothing was measured"
    assert clause(result(["SGD"], checks=[checked("SGD", None, "open")])) == "nothing was measured (not decided)"
    assert clause(result(["SGD"])) == ""


def test_in_short_the_interval_stands_behind() -> None:
    assert in_short(compared()).endswith("0.25 below without BN, 50 % interval -0.25")


def test_what_was_not_upheld_is_named_where_something_was() -> None:
    checks = [
        checked(WITH, None),
        checked(WITHOUT, None, "open", point={RATE: 10.0}),
        checked(WITHOUT, None, "open", point={RATE: 30.0}),
        checked(WITH, None, "not upheld", kind="better"),
        checked("", None, "not upheld", kind="together", than="the members' mean"),
        checked("other", None, "open", role="beside"),
    ]
    assert missed(result([WITH], checks=checks)) == [
        "Not shown to hold: that `test.accuracy` of 'without BN' is above 0 at learning rate 10; learning rate 30, "
        "nor that 'with BN' is better than the first variant, nor that all members together are more accurate than the "
        "members' mean (gain).\n"
    ]
    assert missed(result([WITH], checks=checks[:1])) == missed(result([WITH], checks=checks[1:])) == []
