from bnlab.terminal.decided import decided

KEPT = {"metric": "validation.accuracy", "step": 40, "value": 0.98765, "sha256": "0" * 64}
STOPPED = {"why": "target", "step": 60, "message": "stopped after step 60 of 1000"}


def test_why_a_job_was_stopped_and_which_network_is_kept_are_said() -> None:
    assert list(decided({"stopped": STOPPED, "kept": KEPT})) == [
        ("stopped", "stopped after step 60 of 1000"),
        ("kept", "the best network is kept, that after step 40: validation.accuracy was 0.9877"),
    ]


def test_of_a_job_that_went_to_its_end_nothing_is_said_nor_of_an_earlier_servers() -> None:
    assert list(decided({"stopped": None, "kept": None})) == list(decided({})) == []
