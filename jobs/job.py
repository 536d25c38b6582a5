"""What a job is: its status, the moves between statuses, and the row as a value."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"  # waits for a free slot
    RUNNING = "running"  # one attempt holds it
    SUCCEEDED = "succeeded"  # took its last step
    FAILED = "failed"  # cannot be finished; `error` says why
    CANCELLED = "cancelled"  # somebody asked


NEXT: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.RUNNING, Status.CANCELLED, Status.FAILED}),
    Status.RUNNING: frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.QUEUED}),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
}
"""The legal moves. `running -> queued` is a lost or drained attempt; what has no next is terminal."""

TERMINAL = frozenset(status for status, after in NEXT.items() if not after)

ACTIONS: dict[Status, tuple[str, ...]] = {
    status: ("cancel",) if Status.CANCELLED in after else () for status, after in NEXT.items()
}
"""The verbs that a client may use on a job, by its status."""


def origins(status: Status) -> tuple[Status, ...]:
    """The statuses from which `status` may be reached: what a guarded UPDATE may find.

    >>> [str(status) for status in origins(Status.QUEUED)]
    ['running']
    """
    return tuple(before for before, after in NEXT.items() if status in after)


@dataclass(frozen=True)
class JobError:
    """Why a job failed: a stable code, a sentence that says what would help, and whether trying again may."""

    code: str
    message: str
    retryable: bool = False


@dataclass(frozen=True)
class Attempt:
    """One worker's hold on a job; its number is the fencing token of every write."""

    number: int
    worker: str
    host: str
    started: float  # seconds since 1970
    ended: float | None = None
    outcome: str | None = None  # succeeded, failed, cancelled, lost, drained


@dataclass(frozen=True)
class Job:
    """A job's row. Times are seconds since 1970; `spec` is the resolved document."""

    id: str
    status: Status
    attempt: int
    spec: dict[str, Any]
    spec_sha256: str
    created: float
    steps: int
    block_steps: int
    warnings: tuple[str, ...] = ()
    device: str | None = None  # pinned at the first attempt
    cancel_requested: bool = False
    losses: int = 0  # attempts lost in a row
    started: float | None = None  # of the current attempt
    finished: float | None = None
    step: int = 0  # last step recorded by the current attempt
    steps_per_second: float | None = None
    latest: dict[str, float | None] = field(default_factory=dict)
    error: JobError | None = None
    environment: dict[str, Any] | None = None
    weights_sha256: str | None = None  # of the final weights, as they are stored
    waiting_for: str | None = None
