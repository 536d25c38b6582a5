"""Processes ended between any two durable actions: each job still ends with the bits of an undisturbed one."""

import os
from collections.abc import Callable
from typing import get_args

import pytest

from jobs import store
from jobs.failpoints import Point
from jobs.job import Job, Status
from tests.chaos.checker import check_ended, check_journal
from tests.chaos.conftest import Stand, wait_until

OF_SUPERVISORS: tuple[Point, ...] = ("claimed", "swept", "handed over", "ended", "finished", "retired deleted")
OF_TRAINERS: tuple[Point, ...] = tuple(point for point in get_args(Point) if point not in OF_SUPERVISORS)
REPEATED: tuple[Point, ...] = (
    *("object written aside", "object renamed", "chunks written", "in a transaction"),
    *("checkpoint written", "checkpoint committed"),
)
LATE: tuple[Point, ...] = ("old checkpoint deleted", "joined chunk written", "joined", "retired deleted")
FIRST = [*((point, "self", 1) for point in (*OF_SUPERVISORS, *OF_TRAINERS))]
ALL = [
    *FIRST,
    *((point, victims, 1) for point in OF_TRAINERS for victims in ("parent", "parent self")),
    *((point, victims, 3) for point in REPEATED for victims in ("self", "parent", "parent self")),
]
SHORT, LONG = 1000, 4000  # steps: of a job that takes a checkpoint at its start, and of one that takes some more
CELLS = ALL if os.environ.get("BNLAB_TEST_ALL_CELLS") else FIRST


@pytest.mark.parametrize(("point", "victims", "times"), CELLS)
def test_whoever_dies_wherever_the_job_ends_as_if_nothing_had_happened(
    stand: Stand, undisturbed: Callable[[int], Job], point: Point, victims: str, times: int
) -> None:
    steps = LONG if times > 1 or point in LATE else SHORT
    reference = undisturbed(steps)
    trap = stand.failpoints / point
    trap.write_text(f"{victims} {times}")
    job = stand.submit(steps)
    stand.wait_for_all([job.id], workers=1)
    wait_until(lambda: not trap.exists(), 5.0)  # else nobody was ended, and nothing was shown
    check_ended(stand.database, stand.objects, [job.id], reference)
    assert store.get(stand.database, job.id).status is Status.SUCCEEDED
    check_journal(stand.journal)


def test_there_is_a_cell_for_each_point_and_at_least_sixty_of_them() -> None:
    assert {point for point, _, _ in FIRST} == set(get_args(Point))
    assert len(ALL) >= 60
