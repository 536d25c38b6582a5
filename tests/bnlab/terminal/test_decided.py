from bnlab.terminal.decided import decided
from tests.support.stranger import job


def test_a_job_of_which_nothing_was_decided_or_of_an_earlier_release_says_nothing() -> None:
    assert list(decided(job("succeeded", stopped=None, kept=None))) == []
    assert list(decided(job("succeeded"))) == []


def test_why_it_was_stopped_comes_before_what_is_kept() -> None:
    kept = {"metric": "test.accuracy", "step": 40, "value": 0.98765}
    said = list(decided(job("succeeded", stopped={"message": "stopped after step 90 of 100"}, kept=kept)))
    assert said == [
        ("stopped", "stopped after step 90 of 100"),
        ("kept", "the best network is kept, that after step 40: test.accuracy was 0.9877"),
    ]
