"""Whether every part that a job needs is there."""

from sqlalchemy.exc import SQLAlchemyError

from api.errors import NotReady
from api.live.looks import Live
from api.schemas.jobs import Readiness
from api.wakeups import WakeUps
from jobs.lifecycle.workers import Worker, live_workers
from jobs.storage.database import Database

OK = "ok"


def readiness(database: Database, wake_ups: WakeUps, live: Live) -> Readiness:
    """Each part that answers. Raises NotReady, which names each, where one does not."""
    parts = {"database": OK, "broker": OK, "worker": OK}
    try:
        parts["worker"] = _state(live_workers(database))
    except SQLAlchemyError as error:
        parts |= {"database": f"does not answer ({type(error).__name__})", "worker": "unknown without the database"}
    if not wake_ups.broker_answers():
        parts["broker"] = "does not answer; workers look for jobs by themselves"
    if live.trouble is not None:
        parts["streams"] = live.trouble
    if any(state != OK for state in parts.values()):
        raise NotReady(parts)
    return Readiness(status="ready", parts=parts)


def _state(workers: tuple[Worker, ...]) -> str:
    """One that is well is enough; where none is, what ails the first."""
    if not workers:
        return "none is running"
    if any(worker.trouble is None for worker in workers):
        return OK
    return f"none is well; on {workers[0].host}: {workers[0].trouble}"
