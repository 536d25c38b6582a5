"""When what a run has made is stored next."""

from jobs.series.write.cadence import Cadence


def test_a_late_commit_counts_from_when_it_came() -> None:
    cadence = Cadence(0.0, 4.0)
    assert not cadence.due(3.9)
    assert cadence.due(50.0)
    assert not cadence.after(50.0).due(57.9)


def test_what_is_dear_takes_a_hundredth_of_the_time() -> None:
    assert not Cadence(0.0).after(0.0, cost=2.0).due(199.0)
    assert Cadence(0.0).after(0.0, cost=2.0).due(200.0)
