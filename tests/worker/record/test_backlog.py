"""How much may wait to be recorded, and whom it holds up."""

import threading

from worker.record.backlog import FEW, Backlog


def test_items_come_in_their_order() -> None:
    backlog: Backlog[int] = Backlog()
    assert all(backlog.put(i, 1, 1.0) for i in range(FEW))
    assert [backlog.get() for _ in range(FEW)] == list(range(FEW))


def test_few_wait_while_they_are_only_worked_on_and_many_while_the_store_is_slow() -> None:
    backlog: Backlog[int] = Backlog(most=100)
    for i in range(FEW):
        assert backlog.put(i, 10, 0.01)
    assert not backlog.put(FEW, 10, 0.01)
    with backlog.storing():
        assert [backlog.put(i, 10, 0.01) for i in range(FEW, 10)] == [True] * 8
        assert not backlog.put(10, 1, 0.01)  # a hundred bytes wait
        assert backlog.get() == 0
        assert backlog.put(10, 1, 0.01)
    assert not backlog.put(11, 1, 0.01)


def test_one_that_is_larger_than_all_that_may_wait_comes_through_alone() -> None:
    backlog: Backlog[int] = Backlog(most=100)
    with backlog.storing():
        assert backlog.put(0, 1000, 0.01)
        assert backlog.put(1, 1000, 0.01)  # few wait anyway
        assert not backlog.put(2, 1, 0.01)


def test_who_waits_goes_on_as_soon_as_there_is_room() -> None:
    backlog: Backlog[int] = Backlog(most=1)
    for i in range(FEW):
        backlog.put(i, 1, 1.0)
    done = threading.Thread(target=lambda: backlog.put(FEW, 1, 30.0))
    done.start()
    assert backlog.get() == 0
    done.join(10.0)
    assert not done.is_alive()
    assert [backlog.get() for _ in range(FEW)] == [1, 2]
