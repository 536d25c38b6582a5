"""The watch over one attempt: its trainer is told that somebody is there, and what to do, until it has ended."""

import logging
import time
from collections.abc import Callable
from math import inf

from sqlalchemy.exc import SQLAlchemyError

from jobs.errors import AttemptLost
from jobs.failpoints import reach
from jobs.lifecycle import attempts, leases
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.demands import Demand, demanded
from jobs.lifecycle.job import Ended
from jobs.logs import about
from jobs.storage.database import Database, is_full
from worker.supervise.limits import Used
from worker.supervise.process import Trainer

LOOK = 0.2  # seconds between two looks at whether somebody asked to cancel

log = logging.getLogger(__name__)


def renewal(database: Database, hold: Hold) -> Callable[[], None]:
    """What renews the lease of an attempt that is not watched yet, each `BEAT` seconds however often it is called.

    It raises AttemptLost.
    """
    next_beat = time.monotonic() + attempts.BEAT

    def renew() -> None:
        nonlocal next_beat
        if time.monotonic() < next_beat:
            return
        next_beat = time.monotonic() + attempts.BEAT
        try:
            attempts.beat(database, hold)
        except SQLAlchemyError as error:
            _say_not_renewed(hold, error)

    return renew


def watch(
    database: Database,
    trainer: Trainer,
    hold: Hold,
    exceeds: Callable[[Used], Ended | None],
    leaves: Callable[[], bool],
) -> Ended:
    """Hand an attempt to a trainer; beat, look, order and at last kill, until it has ended; how it has.

    exceeds: how the attempt is to end, where it has used too much. leaves: whether the worker does.
    """
    spent = leases.seconds_spent(database, hold.job_id)
    trainer.run(hold)
    reach("handed over")
    asked: Demand | None = None
    next_beat, requested, deadline = 0.0, None, inf
    while True:
        now = time.monotonic()
        try:
            if ended := trainer.ended(timeout=LOOK):
                return ended
            if ended := exceeds(trainer.used(spent)):
                return ended
            requested = attempts.requested(database, hold)
            if now >= next_beat:
                next_beat = now + attempts.BEAT
                printed = trainer.printed()
                attempts.beat(database, hold, printed if printed.has_news else None)
                trainer.told(printed)
                trainer.beat()
        except EOFError as end:
            return Ended("lost", reason=f"the trainer {end}")
        except AttemptLost:
            return Ended("replaced")
        except SQLAlchemyError as error:  # no lease, no beat: if it lasts, the trainer ends before the lease does
            _say_not_renewed(hold, error)
            if is_full(error):  # then nobody can take the job either: the trainer waits for room
                trainer.beat()
        demand = demanded(requested, leaving=leaves())
        if demand is not None and demand != asked:
            trainer.tell(demand.order)
            asked, deadline = demand, now + demand.grace
        if asked is not None and now > deadline:
            trainer.kill()
            return Ended(asked.outcome)


def _say_not_renewed(hold: Hold, error: SQLAlchemyError) -> None:
    said = "attempt %d of job %s could not renew its lease: %s"
    log.warning(said, hold.attempt, hold.job_id, error, extra=about("beat_failed", **hold.fields))
