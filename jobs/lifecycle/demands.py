"""What clients demand of jobs, and where each demand leads: one table, from the verb to the status.

A job that waits moves at once. Of a running one something is requested in its row; its worker gives that to the trainer
as an order, and kills it where it does not end in time; and how the attempt has ended says where the job goes.
"""

from dataclasses import dataclass
from math import inf
from typing import Literal

from jobs.lifecycle.job import NEXT, Outcome, Request, Status

Verb = Literal["cancel", "pause", "resume"]
Order = Literal["stop", "drain"]  # of a supervisor to a trainer: end at once; end with a checkpoint


@dataclass(frozen=True)
class Demand:
    """One line of the table."""

    verb: Verb  # with which a client demands it
    order: Order  # what the trainer of a running job is told
    grace: float  # seconds that the trainer gets until it is killed
    outcome: Outcome  # how the attempt has ended then, by itself or killed
    status: Status  # where the job goes, at once or when its attempt has ended


DEMANDS: dict[Request | None, Demand] = {
    "cancel": Demand("cancel", "stop", 0.3, "cancelled", Status.CANCELLED),
    # Nobody is in a hurry: what a long Block has done is not thrown away.
    "pause": Demand("pause", "drain", inf, "drained", Status.PAUSED),
    # Nothing is requested, which is what `resume` sets: a trainer is told to end only when its worker leaves.
    None: Demand("resume", "drain", 4.0, "drained", Status.QUEUED),
}
"""By what is requested of a running job."""

REQUESTED: dict[Verb, Request | None] = {demand.verb: request for request, demand in DEMANDS.items()}
"""What a verb sets in the row of a running job."""

OBEYED: dict[Order, Outcome] = {demand.order: demand.outcome for demand in DEMANDS.values()}
"""How the attempt of a trainer has ended that did as it was told."""

ENDS: dict[Outcome, Status] = {
    "succeeded": Status.SUCCEEDED,
    "failed": Status.FAILED,
    "cancelled": Status.CANCELLED,
}
"""Where a job goes whose attempt has ended so; after any other outcome it goes where `DEMANDS` says."""


def allows(status: Status, verb: Verb) -> bool:
    """Whether a verb may be used on a job: it leads there, or the job is there already.

    >>> [str(status) for status in Status if allows(status, "pause")]
    ['queued', 'running', 'paused']
    """
    to = DEMANDS[REQUESTED[verb]].status
    return status is to or to in NEXT[status]


def demanded(requested: Request | None, *, leaving: bool) -> Demand | None:
    """What is demanded of a trainer whose worker may be about to leave: of two demands the one that gives less time."""
    made = [DEMANDS[requested]] if requested else []
    if leaving:
        made.append(DEMANDS[None])
    return min(made, key=lambda demand: demand.grace, default=None)
