"""What ends an attempt from outside: the limits of its job, and standing still."""

from dataclasses import dataclass

from jobs.lifecycle.job import Ended, JobError
from jobs.spec.document import Limits

FIRST_GRACE = 3.0  # times as long as any other step may the first one take: it loads, and kernels are built


@dataclass(frozen=True)
class Used:
    """What an attempt has used so far."""

    step: int | None  # the last one that was heard of; None: none yet
    still: float  # seconds since then
    seconds: float  # of all attempts of the job together
    memory_mb: float  # the most that its process held


def exceeded(limits: Limits, stall_seconds: float, used: Used) -> Ended | None:
    """How the attempt is to end, where it has used more than it may."""
    at = "before its first step" if used.step is None else f"at step {used.step}"
    if limits.wall_seconds is not None and used.seconds > limits.wall_seconds:
        message = f"{at} it had used up limits.wall_seconds, {limits.wall_seconds:g} s; fewer steps, or a higher limit"
        return Ended("failed", JobError("time_limit", message))
    if limits.memory_mb is not None and used.memory_mb > limits.memory_mb:
        message = (
            f"{at} its process held {used.memory_mb:.0f} MB, and limits.memory_mb is {limits.memory_mb}; "
            "a smaller data.batch_size or network needs less"
        )
        return Ended("failed", JobError("memory_limit", message))
    if used.still > stall_seconds * (FIRST_GRACE if used.step is None else 1):
        return Ended("lost", reason=f"the trainer stood still for {used.still:.0f} s {at}")
    return None
