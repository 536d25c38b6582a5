"""What a scrape reads is remembered for a while."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event

import pytest

from api.metrics.page import Remembered


def test_what_was_read_a_moment_ago_is_not_read_again() -> None:
    assert [remembered.get() for remembered in [Remembered(3600, count().__next__)] for _ in range(3)] == [0, 0, 0]
    assert [remembered.get() for remembered in [Remembered(0, count().__next__)] for _ in range(3)] == [0, 1, 2]


def test_of_several_who_ask_at_once_one_reads() -> None:
    numbers, may_end = count(), Event()

    def read() -> int:
        assert may_end.wait(60)
        return next(numbers)

    remembered = Remembered(3600, read)
    with ThreadPoolExecutor(4) as others:
        asked = [others.submit(remembered.get) for _ in range(4)]
        may_end.set()
        assert [each.result() for each in asked] == [0] * 4


def test_what_could_not_be_read_is_read_by_the_next_who_asks() -> None:
    numbers = iter([0, 5])
    remembered = Remembered(3600, lambda: 10 // next(numbers))
    with pytest.raises(ZeroDivisionError):
        remembered.get()
    assert remembered.get() == 2
