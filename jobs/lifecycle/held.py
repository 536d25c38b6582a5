"""A job in the hands of the attempt that holds it, with the stores that the attempt writes to."""

from collections.abc import Callable
from dataclasses import dataclass

from jobs.lifecycle.attempts import Hold
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from jobs.storage.room import Room


@dataclass(frozen=True)
class Held:
    """What a worker needs to record a job: every write to the database names `hold`, which is the fence.

    still_there: called at each look while a write waits for room, and at each object that may have to be swept.
    """

    database: Database
    objects: Objects
    hold: Hold
    still_there: Callable[[], None] = lambda: None

    @property
    def room(self) -> Room:
        """Writes wait in it for as long as a store is full."""
        return Room(self.database, self.hold.job_id, self.still_there)
