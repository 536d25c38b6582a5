"""Writes that wait for room: a full disk holds a job up, and fails nothing."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from jobs.database import is_full

LOOK = 1.0  # seconds between two looks whether there is room again

log = logging.getLogger(__name__)
Written = TypeVar("Written")


@dataclass(frozen=True)
class Room:
    """Room on the disk for `who`, which the log names, such as a job's id; `waiting` is called at each look for it."""

    who: str
    waiting: Callable[[], None] = lambda: None

    def wait_for(self, write: Callable[[], Written]) -> Written:
        """What `write` returns, once it does not fail for want of room; it must leave nothing behind when it fails."""
        while True:
            try:
                return write()
            except (OSError, OperationalError) as error:
                if not is_full(error):
                    raise
                log.warning("%s waits for room on the disk: %s", self.who, error)
                self.waiting()
                time.sleep(LOOK)
