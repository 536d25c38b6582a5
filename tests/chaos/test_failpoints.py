"""Processes ended between any two durable actions: each job still ends with the bits of an undisturbed one."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import get_args

import pytest

from jobs.errors import NotAllowed
from jobs.failpoints import Failpoint
from jobs.lifecycle import clients, lookup
from jobs.lifecycle.job import TERMINAL, Job, Status
from tests.chaos.checker import check_ended, check_journal
from tests.chaos.conftest import ENGINE, Stand, wait_until

OF_SUPERVISORS: tuple[Failpoint, ...] = ("claimed", "swept", "handed over", "ended", "finished", "retired deleted")
ELSEWHERE: tuple[Failpoint, ...] = ("rows deleted",)  # of retention: tests/worker/supervise/test_retention.py
OF_TRAINERS: tuple[Failpoint, ...] = tuple(
    point for point in get_args(Failpoint) if point not in (*OF_SUPERVISORS, *ELSEWHERE)
)
REPEATED: tuple[Failpoint, ...] = (
    *("object written aside", "object renamed", "chunks written", "in a transaction"),
    *("checkpoint written", "checkpoint committed"),
)
OF_JOINING: tuple[Failpoint, ...] = ("joined chunk written", "joined", "retired deleted")
LATE: tuple[Failpoint, ...] = ("old checkpoint deleted", *OF_JOINING)
FIRST = [*((point, "self", 1) for point in (*OF_SUPERVISORS, *OF_TRAINERS))]
ALL = [
    *FIRST,
    *((point, victims, 1) for point in OF_TRAINERS for victims in ("parent", "parent self")),
    *((point, victims, 3) for point in REPEATED for victims in ("self", "parent", "parent self")),
]
SHORT, LONG = (
    (1000, 4000) if ENGINE == "eager" else (1000, 20_000)
)  # steps: of a job that takes a checkpoint at its start, and of one that takes some more
STOPS = {
    "data": {"validation": 0.1},
    "training": {"stop": {"metric": "validation.loss", "goal": "max", "patience": 20}},
    "evaluation": {"every": 25, "keep": "best"},
}
"""By this goal the untrained network is the best, which a checkpoint has to say: the job ends after 20 evaluations."""
FEW: tuple[Failpoint, ...] = (
    *("claimed", "handed over", "object renamed", "in a transaction"),
    *("checkpoint committed", "weights recorded", "finished"),
)
"""Of each kind of action one: what `make test` takes, for each takes as long as several trainings."""
CELLS = ALL if os.environ.get("BNLAB_TEST_ALL_CELLS") else [cell for cell in FIRST if cell[0] in FEW]


@pytest.mark.parametrize(("point", "victims", "times"), CELLS)
def test_whoever_dies_wherever_the_job_ends_as_if_nothing_had_happened(
    stand: Stand, undisturbed: Callable[[int], Job], point: Failpoint, victims: str, times: int
) -> None:
    is_late = times > 1 or point in LATE
    steps = LONG if is_late else SHORT
    reference = undisturbed(steps)
    trap = stand.failpoints / point
    trap.write_text(f"{victims} {times}")
    job = stand.submit(steps)
    if is_late and "checkpoint" in point:
        take_checkpoints(stand, job.id, trap)
    stand.wait_for_all([job.id], workers=1)
    wait_until(lambda: not trap.exists(), 5.0)  # else nobody was ended, and nothing was shown
    check_ended(stand.database, stand.objects, [job.id], reference)
    assert lookup.get(stand.database, job.id).status is Status.SUCCEEDED
    check_journal(stand.journal)


def test_whoever_dies_a_training_stops_where_it_would_have_and_keeps_the_same_best_network(stand: Stand) -> None:
    stand.wait_for_all([(submitted := stand.submit(SHORT, STOPS)).id], workers=1)
    reference = lookup.get(stand.database, submitted.id)
    traps = [stand.failpoints / point for point in ("checkpoint committed", "weights recorded")]
    for trap in traps:
        trap.write_text("self 1")
    job = stand.submit(SHORT, STOPS)
    stand.wait_for_all([job.id], workers=1)
    assert not any(trap.exists() for trap in traps)
    check_ended(stand.database, stand.objects, [job.id], reference)
    ended = lookup.get(stand.database, job.id)
    assert (ended.status, ended.attempt) == (Status.SUCCEEDED, 3)
    assert ended.stopped is not None
    assert ended.kept is not None
    assert (ended.kept["step"], ended.stopped["step"]) == (0, 500)


def take_checkpoints(stand: Stand, job_id: str, trap: Path) -> None:
    """Pause the job and have it go on until the point is reached: on a slow disk, checkpoints are due too seldom."""

    def is_open() -> bool:
        return lookup.get(stand.database, job_id).status not in TERMINAL

    with suppress(NotAllowed):  # it has ended
        while trap.exists() and is_open():
            stand.keep_workers(1)
            time.sleep(0.3)
            clients.ask(stand.database, job_id, "pause")
            wait_until(lambda: lookup.get(stand.database, job_id).status is not Status.RUNNING or not trap.exists())
            clients.ask(stand.database, job_id, "resume")
        while lookup.get(stand.database, job_id).status is not Status.SUCCEEDED:
            clients.ask(stand.database, job_id, "resume")  # it was to be paused when its process was ended
            stand.keep_workers(1)
            time.sleep(0.1)


def test_there_is_a_cell_for_each_point_and_at_least_sixty_of_them() -> None:
    assert {point for point, _, _ in FIRST} | set(ELSEWHERE) == set(get_args(Failpoint))
    assert len(ALL) >= 60
