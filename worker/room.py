"""Writes that wait for room: a full disk holds a job up, and fails nothing."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from jobs.database import is_full

LOOK = 1.0  # seconds between two looks whether there is room again

log = logging.getLogger(__name__)
Written = TypeVar("Written")


def when_there_is_room(write: Callable[[], Written], who: str) -> Written:
    """What `write` returns, once it does not fail for want of room; it must leave nothing behind when it fails.

    who: what the log says is waiting, such as a job's id.
    """
    while True:
        try:
            return write()
        except (OSError, OperationalError) as error:
            if not is_full(error):
                raise
            log.warning("%s waits for room on the disk: %s", who, error)
            time.sleep(LOOK)
