"""Writes that wait: a full disk, or a database that restarts, holds a job up and fails nothing."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from jobs.logs import about
from jobs.storage import waiting
from jobs.storage.database import Database, is_away, is_full
from jobs.storage.objects.protocol import NoRoom

LOOK = 1.0  # seconds between two looks whether the write succeeds now

log = logging.getLogger(__name__)
Written = TypeVar("Written")


def no_room(error: Exception) -> bool:
    """Whether a write failed for want of room, be it in the store of objects or in the database."""
    return isinstance(error, NoRoom) or is_full(error)


@dataclass(frozen=True)
class Room:
    """Room in the stores for `who`, such as a job's id; `still_there` is called at each look for it."""

    database: Database
    who: str
    still_there: Callable[[], None] = lambda: None

    def say_slow(self) -> None:
        """Say that the training waits for a store that is not full but slow."""
        waiting.mark(self.database, self.who, "slow")
        self.still_there()

    def say_fast(self) -> None:
        """Say that it does not any more."""
        waiting.clear(self.database, self.who, "slow")

    def wait_for(self, write: Callable[[], Written], *, repeatable: bool = False) -> Written:
        """What `write` returns, once it does not fail for want of room; it must leave nothing behind when it fails.

        repeatable: it does no harm twice. Then a database that went away is waited for as well, which leaves open
        whether it had committed before.
        """
        waited = False
        while True:
            try:
                written = write()
            except (NoRoom, DBAPIError) as error:
                full = no_room(error)
                if not full and not (repeatable and is_away(error)):
                    raise
                log.warning("%s waits to be written: %s", self.who, error, extra=about("write_waits", job=self.who))
                if full:
                    waiting.mark(self.database, self.who, "full")
                waited = True
                self.still_there()
                time.sleep(LOOK)
            else:
                if waited:
                    waiting.clear(self.database, self.who, "full")
                return written
