"""What supervisor and trainer say to each other over a socket of their own: words one way, JSON lines the other."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, get_args

import orjson

from jobs.lifecycle.job import Ended, JobError, Outcome

RUN, BEAT = "run", "beat"  # `run JOB ATTEMPT`; what else a supervisor says is an `Order`, and stands alone
SILENCE = 11.0  # seconds without a beat after which a trainer ends itself: less than the lease
SAID_EVERY = 1.0  # seconds between two words of a trainer that it is alive
ABANDONED = 3  # exit code of a trainer whose supervisor is gone or silent


@dataclass(frozen=True)
class Ready:
    """The trainer's first line: it has loaded torch, and found these devices."""

    devices: tuple[str, ...]


@dataclass(frozen=True)
class Taken:
    """The trainer has taken the attempt that it was handed: from now on its death counts as a loss of the job."""


@dataclass(frozen=True)
class Alive:
    """The attempt goes on: it has taken this step, or waits for room behind it."""

    step: int


Message = Ready | Taken | Alive | Ended

_READ: dict[str, Callable[[dict[str, Any]], Message]] = {
    "Ready": lambda fields: Ready(tuple(fields["devices"])),
    "Taken": lambda _: Taken(),
    "Alive": lambda fields: Alive(fields["step"]),
    "Ended": lambda fields: _ended(**fields),
}


def said(message: Message) -> bytes:
    """The line of a message.

    >>> heard(said(Alive(7)))
    Alive(step=7)
    """
    return orjson.dumps({type(message).__name__: asdict(message)}) + b"\n"


def _ended(outcome: Outcome, error: dict[str, Any] | None, reason: str) -> Ended:
    if outcome not in get_args(Outcome):
        raise ValueError(f"'{outcome}' is no outcome of an attempt")
    if (outcome == "failed") != (error is not None):
        raise ValueError(f"an attempt that {outcome} comes {'with' if error else 'without'} an error")
    return Ended(outcome, JobError(**error) if error else None, reason)


def heard(line: bytes) -> Message:
    """The message in a line of a trainer. Raises ValueError, KeyError or TypeError where it is none."""
    ((name, fields),) = dict(orjson.loads(line)).items()
    return _READ[name](fields)
