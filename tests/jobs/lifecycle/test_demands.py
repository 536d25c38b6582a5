"""What is demanded of a trainer, by what was asked of its job and whether its worker leaves."""

from math import inf

import pytest

from jobs.lifecycle.demands import DEMANDS, ENDS, OBEYED, REQUESTED, Demand, demanded
from jobs.lifecycle.job import NEXT, Request, Status

CANCEL, PAUSE, LEAVE = DEMANDS["cancel"], DEMANDS["pause"], DEMANDS[None]


@pytest.mark.parametrize(
    ("requested", "leaving", "demand"),
    [
        (None, False, None),
        (None, True, LEAVE),
        ("pause", False, PAUSE),
        ("pause", True, LEAVE),
        ("cancel", False, CANCEL),
        ("cancel", True, CANCEL),
    ],
)
def test_who_cancels_waits_least_and_who_pauses_waits_for_the_block(
    requested: Request | None, leaving: bool, demand: Demand | None
) -> None:
    assert demanded(requested, leaving=leaving) == demand
    assert CANCEL.grace < LEAVE.grace < PAUSE.grace == inf


def test_every_way_through_the_table_ends_where_it_says() -> None:
    assert {verb: DEMANDS[request].status for verb, request in REQUESTED.items()} == {
        "cancel": Status.CANCELLED,
        "pause": Status.PAUSED,
        "resume": Status.QUEUED,
    }
    assert OBEYED == {"stop": "cancelled", "drain": "drained"}
    for demand in DEMANDS.values():
        assert ENDS.get(demand.outcome, demand.status) is demand.status
        assert demand.status in NEXT[Status.RUNNING]
