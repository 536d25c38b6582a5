"""What a job is: its status, the moves between statuses, and the row as a value."""

import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from jobs.lifecycle.scores import Scores
from jobs.spec.resolved import Resolved

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32


class Status(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"  # waits for a free slot
    RUNNING = "running"  # one attempt holds it
    PAUSED = "paused"  # waits, at its checkpoint, until somebody resumes it
    SUCCEEDED = "succeeded"  # took its last step, or its evaluations said that it was enough
    FAILED = "failed"  # cannot be finished; `error` says why
    CANCELLED = "cancelled"  # somebody asked


NEXT: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.RUNNING, Status.PAUSED, Status.CANCELLED, Status.FAILED}),
    Status.RUNNING: frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.QUEUED, Status.PAUSED}),
    Status.PAUSED: frozenset({Status.QUEUED, Status.CANCELLED}),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
}
"""The legal moves. `running -> queued` is a lost or drained attempt; what has no next is terminal."""

TERMINAL = frozenset(status for status, after in NEXT.items() if not after)

ACTIONS: dict[Status, tuple[str, ...]] = {
    Status.QUEUED: ("cancel", "pause"),
    Status.RUNNING: ("cancel", "pause"),
    Status.PAUSED: ("cancel", "resume"),
    Status.SUCCEEDED: ("delete",),
    Status.FAILED: ("retry", "delete"),
    Status.CANCELLED: ("retry", "delete"),
}
"""The verbs that a client may use on a job, by its status."""

Request = Literal["cancel", "pause"]

Outcome = Literal[
    "succeeded",  # it took the last step
    "failed",  # its job cannot be finished
    "cancelled",  # somebody asked
    "drained",  # its worker leaves, or somebody asked to pause: the job goes on at its checkpoint
    "lost",  # its process is gone, or stood still
    "returned",  # it never began: its process was gone, or not ready, before it took the job
    "replaced",  # it does not hold its job any more, or another process is at it: the job is left alone
]
"""How an attempt ended."""


def origins(status: Status) -> tuple[Status, ...]:
    """The statuses from which `status` may be reached: what a guarded UPDATE may find.

    >>> [str(status) for status in origins(Status.QUEUED)]
    ['running', 'paused']
    """
    return tuple(before for before, after in NEXT.items() if status in after)


def new_id(now: float) -> str:
    """A job's id: 9 characters of time in milliseconds, so that ids sort by age, and 4 of chance.

    >>> new_id(0.0)[:9], new_id(1.7e9) < new_id(1.7e9 + 0.001)
    ('000000000', True)
    """
    milliseconds = round(now * 1000)
    digits = [_ALPHABET[milliseconds >> shift & 31] for shift in range(40, -1, -5)]
    return "".join(digits) + "".join(secrets.choice(_ALPHABET) for _ in range(4))


@dataclass(frozen=True)
class JobError:
    """Why a job failed: a stable code, a sentence that says what would help, and whether trying again may."""

    code: str
    message: str
    retryable: bool = False


@dataclass(frozen=True)
class Ended:
    """How an attempt ended, with the error of one that failed, or why it was lost or returned."""

    outcome: Outcome
    error: JobError | None = None
    reason: str = ""

    @property
    def text(self) -> str:
        """As the attempt's row says it.

        >>> Ended("drained").text, Ended("lost", reason="its worker is gone").text
        ('drained', 'lost: its worker is gone')
        """
        return f"{self.outcome}: {self.reason}" if self.reason else self.outcome


@dataclass(frozen=True)
class Attempt:
    """One worker's hold on a job; its number is the fencing token of every write."""

    number: int
    worker: str
    host: str
    started: float  # seconds since 1970
    ended: float | None = None
    outcome: str | None = None  # the text of an `Ended`
    output: str | None = None  # the last 4 KiB of what its process printed


@dataclass(frozen=True)
class Job:
    """A job's row. Times are seconds since 1970."""

    id: str
    status: Status
    attempt: int
    resolved: Resolved  # what it asks for
    created: float
    device: str | None = None  # pinned at the first attempt
    requested: Request | None = None  # of the worker of a running job
    parent: str | None = None  # the job that this one is a retry of
    losses: int = 0  # attempts lost in a row
    not_before: float | None = None  # on the clock of the leases: until then it waits, once an attempt was lost
    started: float | None = None  # of the current attempt
    finished: float | None = None
    step: int = 0  # last step recorded by the current attempt
    steps_per_second: float | None = None
    scores: Scores = field(default_factory=dict)  # of a job that is shown
    error: JobError | None = None
    environment: dict[str, Any] | None = None
    preprocessing: dict[str, Any] | None = None  # of what its attempts have found in its dataset
    differs: tuple[str, ...] = ()  # in what environments differed that the job went on in
    weights_sha256: str | None = None  # of the final weights, as they are stored
    stopped: dict[str, Any] | None = None  # why it ended before its last step, as worker.record.results says it
    kept: dict[str, Any] | None = None  # of which step and value the best network is that was kept
    revision: int = 0  # how often its labels were changed
    experiment: str | None = None  # that it belongs to
    waiting_for: str | None = None
    ahead: int | None = None  # queued jobs that are claimed before this one; of a queued one that is looked at alone

    @property
    def steps(self) -> int:
        """How many it takes."""
        return self.resolved.steps

    @property
    def stopped_at(self) -> int | None:
        """The step before its last one at which its evaluations ended it."""
        return self.stopped["step"] if self.stopped else None

    @property
    def bit_exact(self) -> bool:
        """Whether its result is, to the bit, that of one undisturbed run in its environment."""
        return not self.differs
