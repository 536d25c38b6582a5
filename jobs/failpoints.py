"""Places between two durable actions, at which a test may end processes to see what is left.

Nothing happens unless BNLAB_FAILPOINTS names a folder. A file there, named like a point, ends the next process that
reaches it, or whomever it names: `self`, `parent`, or both.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Literal

Point = Literal[
    "claimed", "swept", "handed over", "ended", "finished",  # of a supervisor
    "locked", "started", "resumed",
    "object written aside", "object renamed", "chunks written", "committed",
    "checkpoint written", "checkpoint committed", "old checkpoint deleted",
    "weights written", "weights recorded", "probabilities written", "probabilities recorded", "said",
]  # fmt: skip

_FOLDER = os.environ.get("BNLAB_FAILPOINTS")


def reach(point: Point) -> None:
    """Say that a point is reached: where a test waits for it, this does not return."""
    if _FOLDER is None:
        return
    file = Path(_FOLDER) / point
    with suppress(FileNotFoundError):
        victims = file.read_text().split()
        file.unlink()  # one test's process ends here once
        pids = {"self": os.getpid(), "parent": os.getppid()}
        for victim in sorted(victims):  # the parent first: nobody outlives "self" to end another
            os.kill(pids[victim], signal.SIGKILL)
