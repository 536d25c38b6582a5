"""What a job is called in a line, and what tells it from those beside it."""

from collections.abc import Sequence
from datetime import datetime

from bnlab.sdk.client import Job
from bnlab.terminal.apart import told_apart

UNSAID = ("name", "tags", "metadata")  # of a document: what is in the label already, or means nothing to us
TELLING = 5  # characters of an id's end, by which commands know the job where nothing else tells it apart
UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))  # of an age


def label(job: Job) -> str:
    """The job's name, or what it trains."""
    spec = job["spec"]
    architecture = spec["architecture"].get("preset", "layers")
    return spec["name"] or f"{architecture}, {'with' if spec['batch_norm'] else 'without'} BN"


def telling_labels(jobs: Sequence[Job]) -> list[str]:
    """The jobs' labels, no two alike: those of the same label with what differs in their documents, or their ids' ends.

    No more is said than tells them apart, as in `mlp, with BN, learning rate 0.1, seed 2`.
    """
    ends = [job["id"][-TELLING:] for job in jobs]
    specs = [{name: part for name, part in job["spec"].items() if name not in UNSAID} for job in jobs]
    return told_apart([label(job) for job in jobs], specs, ends)


def age(created: str, now: datetime) -> str:
    """How long ago that was, in one number.

    >>> age("2026-01-01T00:00:00Z", datetime.fromisoformat("2026-01-01T02:59:00Z"))
    '2 h'
    """
    return lasting((now - datetime.fromisoformat(created)).total_seconds())


def lasting(seconds: float) -> str:
    """A time in one number.

    >>> lasting(0.4), lasting(7300)
    ('0 s', '2 h')
    """
    seconds = max(0.0, seconds)
    unit, name = next(each for each in UNITS if seconds >= each[0] or each == UNITS[-1])
    return f"{int(seconds // unit)} {name}"
