"""The supervisor: claims jobs, has trainers run them, watches, stops and reports. It never imports torch."""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from math import inf

from sqlalchemy.exc import SQLAlchemyError

from jobs import attempts, waiting
from jobs.attempts import Hold
from jobs.checkpoints import sweep
from jobs.database import Database, is_full
from jobs.errors import AttemptLost
from jobs.failpoints import reach
from jobs.job import Job, JobError, Request, Status
from jobs.objects import Objects
from jobs.series.joining import delete_retired
from jobs.settings import Settings
from jobs.store import Worker
from jobs.submission import stored_spec
from worker.control import DRAIN, STOP, Ended, Ready
from worker.limits import exceeded
from worker.locks import try_lock
from worker.process import Trainer
from worker.room import Room

LOOK = 0.2  # seconds between two looks at whether somebody asked to cancel
POLL = 1.0  # seconds between two looks for queued and lost jobs
REUSED_AFTER = ("succeeded", "stopped", "drained")  # the trainer is as good as new

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Demand:
    """What a trainer is asked for, the seconds that it gets, and how its attempt has ended if it is killed then."""

    verb: str
    grace: float
    killed: str


CANCEL, LEAVE = Demand(STOP, 0.3, "killed"), Demand(DRAIN, 4.0, "killed_draining")
PAUSE = Demand(DRAIN, inf, "killed_draining")  # nobody is in a hurry: what a long Block has done is not thrown away

AFTER: dict[str, Callable[[Database, Hold, Ended], None]] = {
    "succeeded": lambda database, hold, _: attempts.finish(database, hold, Status.SUCCEEDED),
    "failed": lambda database, hold, ended: attempts.finish(database, hold, Status.FAILED, ended.error),
    "stopped": lambda database, hold, _: attempts.finish(database, hold, Status.CANCELLED),
    "killed": lambda database, hold, _: attempts.finish(database, hold, Status.CANCELLED),
    "drained": lambda database, hold, _: attempts.drain(database, hold),
    "killed_draining": lambda database, hold, _: attempts.drain(database, hold),
    "died": lambda database, hold, ended: attempts.lose(database, hold, ended.error.message if ended.error else ""),
    "lost": lambda _database, _hold, _ended: None,
}
"""What becomes of the job when an attempt has ended so."""


def demanded(requested: Request | None, *, leaving: bool) -> Demand | None:
    """What is demanded of a trainer, by what somebody asked of its job and whether the worker is about to leave."""
    if requested == "cancel":
        return CANCEL
    if leaving:
        return LEAVE
    return PAUSE if requested == "pause" else None


class Supervisor:
    """One worker: `slots` jobs at a time, each in a trainer of its own; one with torch loaded waits for the next."""

    def __init__(self, settings: Settings, database: Database, slots: int) -> None:
        self._settings, self._database = settings, database
        self._objects = Objects(settings.data / "objects")
        self._slots = threading.Semaphore(slots)
        self._lock = threading.Lock()  # of the idle trainers
        self._claiming = threading.Lock()  # of what this worker holds
        self._idle: list[Trainer] = []
        self._held: set[Hold] = set()
        self._leaving = threading.Event()
        self._alive = ExitStack()  # holds this worker's lock
        self._threads: list[threading.Thread] = []
        host, now = socket.gethostname(), time.time()
        self._worker = Worker(f"{host}-{secrets.token_hex(4)}", host, os.getpid(), slots, ("cpu",), now, now)

    def start(self) -> None:
        """Warm a trainer up, and look for work every second from now on."""
        # Before anything can be claimed: other workers take an attempt without a living worker for lost.
        self._alive.enter_context(try_lock(self._settings.data, self._worker.id))
        announced = partial(attempts.announce, self._database, self._worker)
        Room(self._settings.data, self._worker.id).wait_for(announced, repeatable=True)
        self._idle.append(Trainer(self._learn_devices))
        self._start(self._poll, "poller")

    def work_next(self) -> None:
        """Take a free slot, and claim and train until nothing is queued; return at once where no slot is free."""
        if not self._slots.acquire(blocking=False):
            return
        try:
            while not self._leaving.is_set() and (job := self._claim()):
                self._run(job)
        except SQLAlchemyError as error:
            log.warning("no job could be claimed: %s", error)
        finally:
            self._slots.release()

    def _run(self, job: Job) -> None:
        hold = Hold(job.id, job.attempt)
        try:
            self._attempt(job, hold)
        except Exception:  # the attempt is taken up as lost; the slot goes on to the next job
            log.exception("attempt %d of job %s came to grief", hold.attempt, hold.job_id)
        finally:
            self._held.discard(hold)

    def drain(self) -> None:
        """Give every running job back, let the trainers go, and say that this worker has left."""
        self.leave()
        for thread in self._threads:
            thread.join()
        for _ in range(self._worker.slots):  # every work_next, whoever called it, has returned
            self._slots.acquire()
        while self._idle:
            self._idle.pop().dismiss()
        attempts.withdraw(self._database, self._worker)
        self._alive.close()

    def leave(self) -> None:
        """Begin to drain, without waiting: no new job, and each running one ends with its Block."""
        self._leaving.set()

    def _poll(self) -> None:
        while not self._leaving.wait(POLL):
            try:
                attempts.announce(self._database, self._worker)
                self._take_up_lost()
                delete_retired(self._database, self._objects)
                if attempts.something_queued(self._database):
                    self._start(self.work_next, "slot")
            except (SQLAlchemyError, OSError) as error:  # whatever the trouble is, the next look may find it over
                log.warning("a look into the database failed: %s", error)

    def _take_up_lost(self) -> None:
        """Requeue what is held by a process that is gone: seen at once on this host, after its lease elsewhere."""
        here = attempts.running_on(self._database, self._worker.host)
        overdue = attempts.overdue(self._database)
        with self._claiming:  # what those queries saw as ours is in the set by now
            held = frozenset(self._held)
        for hold, worker_id in here:
            if hold not in held and self._is_gone(worker_id):
                self._lose(hold, "its worker is gone")
        for hold in overdue:
            if hold not in held:
                self._lose(hold, "its lease is over")

    def _lose(self, hold: Hold, reason: str) -> None:
        with try_lock(self._settings.data, hold.job_id) as gone, suppress(AttemptLost):
            if gone:  # else its trainer still lives, and ends itself within its silence
                attempts.lose(self._database, hold, reason)

    def _is_gone(self, worker_id: str) -> bool:
        if worker_id == self._worker.id:
            return True  # ours, and we do not hold it: the attempt came to grief
        with try_lock(self._settings.data, worker_id) as gone:
            return gone

    def _claim(self) -> Job | None:
        with self._claiming:
            job = attempts.claim(self._database, self._worker)
            if job is not None:
                self._held.add(Hold(job.id, job.attempt))
            return job

    def _attempt(self, job: Job, hold: Hold) -> None:
        reach("claimed")
        waiting.clear(self._settings.data, job.id)  # what an attempt may have said that is gone
        sweep(self._database, self._objects, hold)
        reach("swept")
        trainer = self._take_trainer(fresh=stored_spec(job).limits.memory_mb is not None)
        try:
            ended = self._watch(trainer, job, hold)
            log.info("job %s, attempt %d: %s", hold.job_id, hold.attempt, ended.outcome)
            if ended.outcome not in REUSED_AFTER:
                trainer.kill()  # before another attempt can start
            reach("ended")
            ending = partial(AFTER[ended.outcome], self._database, hold, ended)
            with suppress(AttemptLost):
                Room(self._settings.data, job.id).wait_for(ending, repeatable=True)
            waiting.clear(self._settings.data, job.id)
            reach("finished")
        except BaseException:
            trainer.kill()
            raise
        self._give_back(trainer if ended.outcome in REUSED_AFTER else Trainer(self._learn_devices))

    def _watch(self, trainer: Trainer, job: Job, hold: Hold) -> Ended:
        """Beat, look, ask and at last kill, until the attempt has ended."""
        limits, spent = stored_spec(job).limits, attempts.seconds_spent(self._database, job.id)
        trainer.run(hold)
        reach("handed over")
        asked: Demand | None = None
        next_beat, requested, deadline = 0.0, None, inf
        while True:
            now = time.monotonic()
            try:
                if ended := trainer.ended(timeout=LOOK):
                    return ended
                if ended := exceeded(limits, self._settings.stall_seconds, trainer.used(spent)):
                    return ended
                requested = attempts.requested(self._database, hold)
                if now >= next_beat:
                    next_beat = now + attempts.BEAT
                    attempts.beat(self._database, hold)
                    trainer.beat()
            except EOFError as end:
                return Ended("died", JobError("process_lost", f"the trainer {end}"))
            except AttemptLost:
                return Ended("lost")
            except SQLAlchemyError as error:  # no lease, no beat: if it lasts, the trainer ends before the lease does
                log.warning("attempt %d of job %s could not renew its lease: %s", hold.attempt, hold.job_id, error)
                if is_full(error):  # then nobody can take the job either: the trainer waits for room
                    trainer.beat()
            demand = demanded(requested, leaving=self._leaving.is_set())
            if demand is not None and demand != asked:
                trainer.ask(demand.verb)
                asked, deadline = demand, now + demand.grace
            if asked is not None and now > deadline:
                return Ended(asked.killed)

    def _take_trainer(self, *, fresh: bool) -> Trainer:
        """One with torch loaded, where there is one; `fresh`: that holds nothing of an earlier job."""
        with self._lock:
            trainer = self._idle.pop() if self._idle else None
        if trainer is not None and fresh and trainer.is_used:
            trainer.dismiss()
            trainer = None
        return trainer or Trainer(self._learn_devices)

    def _give_back(self, trainer: Trainer) -> None:
        with self._lock:
            if not self._idle:
                self._idle.append(trainer)
                return
        trainer.dismiss()

    def _learn_devices(self, ready: Ready) -> None:
        self._worker = replace(self._worker, devices=ready.devices)

    def _start(self, target: Callable[[], None], name: str) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=target, name=name)
        self._threads.append(thread)
        thread.start()
