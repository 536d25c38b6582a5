"""What becomes of a job when an attempt of it has ended, by how it has ended."""

from collections.abc import Callable

from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Status
from jobs.storage.database import Database
from worker.supervise.protocol import Ended

REUSED_AFTER = ("succeeded", "stopped", "drained")  # the trainer is as good as new

AFTER: dict[str, Callable[[Database, Hold, Ended, str], None]] = {
    "succeeded": lambda database, hold, _, said: attempts.finish(database, hold, Status.SUCCEEDED, None, said),
    "failed": lambda database, hold, end, said: attempts.finish(database, hold, Status.FAILED, end.error, said),
    "stopped": lambda database, hold, _, said: attempts.finish(database, hold, Status.CANCELLED, None, said),
    "killed": lambda database, hold, _, said: attempts.finish(database, hold, Status.CANCELLED, None, said),
    "drained": lambda database, hold, _, said: attempts.drain(database, hold, "drained", said),
    "killed_draining": lambda database, hold, _, said: attempts.drain(database, hold, "drained", said),
    "died": lambda database, hold, end, said: attempts.lose(database, hold, reason_of(end), said),
    "untaken": lambda database, hold, end, said: attempts.drain(database, hold, f"returned: {reason_of(end)}", said),
    "lost": lambda _database, _hold, _end, _said: None,
}
"""What becomes of the job when an attempt has ended so, `said` being what its process printed."""


def reason_of(ended: Ended) -> str:
    """Why, where the attempt has said or was found to have come to an error."""
    return ended.error.message if ended.error else ""
