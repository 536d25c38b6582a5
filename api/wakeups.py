"""Wake-ups on a thread of their own: no answer waits for a broker, and no number of them takes the other threads."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from time import sleep

from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.wake import broker_answers, make_app, queue_of, wake

APART = 0.02  # seconds between two wake-ups, the least: each costs as much as a submission


class WakeUps:
    """Sends wake-ups, one after another, until it is closed; those that are then still waiting are dropped.

    None of them matters: a worker that hears nothing looks into the database by itself. At most one waits for each
    queue, however long a broker hangs: a wake-up only says "look", and who looks finds every job.
    """

    def __init__(self, settings: Settings) -> None:
        self._celery = make_app(settings)
        self._thread = ThreadPoolExecutor(1, "wake-ups")
        self._waiting: set[str] = set()  # the queues
        self._lock = Lock()

    def send(self, job: Job) -> None:
        """Tell the workers to look; returns at once, whether or not a broker answers."""
        with self._lock:
            if (queue := queue_of(job)) in self._waiting:
                return
            self._waiting.add(queue)
        self._thread.submit(self._wake, job).add_done_callback(_raise_defect)

    def broker_answers(self) -> bool:
        """Whether the broker takes connections now."""
        return broker_answers(self._celery)

    def close(self) -> None:
        """Wait for the one that is under way, and close the connections."""
        self._thread.shutdown(cancel_futures=True)
        self._celery.close()

    def _wake(self, job: Job) -> None:
        with self._lock:
            self._waiting.remove(queue_of(job))  # before it is sent: a worker may look before the next job is there
        wake(self._celery, job)
        sleep(APART)


def _raise_defect(done: Future[None]) -> None:
    # A broker that is down is not an exception; what else went wrong is logged by the executor that calls this.
    if not done.cancelled():
        done.result()
