"""Turns come in the order in which they were asked for, and who has waited long enough goes away."""

import threading
import time

from jobs.storage.turns import Turns


def test_turns_come_in_the_order_in_which_they_were_asked_for() -> None:
    turns, came = Turns(), list[int]()
    assert turns.acquire(0.0)

    def wait(number: int) -> None:
        assert turns.acquire(30.0)
        came.append(number)
        turns.release()

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(20)]
    for number, thread in enumerate(threads):
        thread.start()
        while len(turns._waiting) <= number:
            time.sleep(0.001)
    turns.release()
    for thread in threads:
        thread.join()
    assert came == list(range(20))
    assert turns.acquire(0.0)


def test_who_waits_in_vain_leaves_nothing_behind() -> None:
    turns = Turns()
    assert turns.acquire(0.0)
    assert not turns.acquire(0.05)
    turns.release()
    assert turns.acquire(0.0)


def test_one_at_a_time_has_its_turn_however_many_want_it_and_give_up() -> None:
    turns, inside, most = Turns(), list[int](), list[int]()

    def work(number: int) -> None:
        for i in range(200):
            if turns.acquire(0.0001 * (i % 3)):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)
                turns.release()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert turns.acquire(0.0)
