"""A line for each step that is taken, for whoever checks that no two processes take steps of one job at a time.

It is kept where the setting `journal` names a file.
"""

import os
import time
from pathlib import Path

import orjson

from jobs.lifecycle.attempts import Hold
from worker.train.loop import Block


class Journal:
    """Of one attempt: `note` writes a Block's lines in one piece, so that those of several processes do not mix."""

    def __init__(self, hold: Hold, path: str) -> None:
        self._path = path
        self._who = {"job": hold.job_id, "attempt": hold.attempt, "pid": os.getpid()}
        self._before = time.time()

    def note(self, block: Block) -> None:
        """When each step of the Block began and ended, in seconds since 1970."""
        if not self._path:
            return
        lines = b""
        for step, end in zip(range(block.first, block.last + 1), block.times, strict=True):
            lines += orjson.dumps({**self._who, "step": step, "start": self._before, "end": end}) + b"\n"
            self._before = end
        with Path(self._path).open("ab", buffering=0) as file:
            file.write(lines)
        self._before = time.time()
