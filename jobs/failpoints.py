"""Places between two durable actions, at which a test may end processes to see what is left.

Nothing happens unless BNLAB_FAILPOINTS names a folder. A file there, named like a point, says who is to end when a
process reaches it, `self`, `parent` or both, and at which time from now: `self 1`.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Literal

from jobs.settings import FAILPOINTS

Failpoint = Literal[
    "claimed", "swept", "handed over", "ended", "finished", "retired deleted", "rows deleted",  # of a supervisor
    "locked", "started", "resumed",
    "object written aside", "object renamed", "chunks written", "in a transaction", "committed",
    "checkpoint written", "checkpoint committed", "old checkpoint deleted",
    "joined chunk written", "joined",
    "weights written", "weights recorded", "probabilities written", "probabilities recorded", "said",
]  # fmt: skip

_FOLDER = os.environ.get(FAILPOINTS)


def reach(point: Failpoint) -> None:
    """Say that a point is reached: where a test waits for it, this does not return."""
    if _FOLDER is None:
        return
    file = Path(_FOLDER) / point
    with suppress(FileNotFoundError):
        *victims, times = file.read_text().split()
        if int(times) > 1:
            file.write_text(" ".join([*victims, str(int(times) - 1)]))
            return
        file.unlink()  # once is enough
        pids = {"self": os.getpid(), "parent": os.getppid()}
        for victim in sorted(victims):  # the parent first: nobody outlives "self" to end another
            os.kill(pids[victim], signal.SIGKILL)
