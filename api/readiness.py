"""Whether every part that a job needs is there."""

from sqlalchemy.exc import SQLAlchemyError

from api.errors import NotReady
from api.schemas import Readiness
from api.wakeups import WakeUps
from jobs.database import Database
from jobs.store import live_workers

OK = "ok"


def readiness(database: Database, wake_ups: WakeUps) -> Readiness:
    """Each part that answers. Raises NotReady, which names each, where one does not."""
    parts = {"database": OK, "broker": OK, "worker": OK}
    try:
        if not live_workers(database):
            parts["worker"] = "none is running"
    except SQLAlchemyError as error:
        parts |= {"database": f"does not answer ({type(error).__name__})", "worker": "unknown without the database"}
    if not wake_ups.broker_answers():
        parts["broker"] = "does not answer; workers look for jobs by themselves"
    if any(state != OK for state in parts.values()):
        raise NotReady(parts)
    return Readiness(status="ready", parts=parts)
