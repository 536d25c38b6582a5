"""The supervisor: claims jobs, has trainers run them, watches, stops and reports. It never imports torch."""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from jobs.errors import AttemptLost, InvalidSpec
from jobs.failpoints import reach
from jobs.lifecycle import attempts, queue, workers
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.checkpoints import sweep
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended, Job, JobError, Outcome
from jobs.lifecycle.retention import Retention
from jobs.lifecycle.workers import Worker
from jobs.logs import about, name_worker
from jobs.series.write.joining import delete_retired
from jobs.settings import Settings
from jobs.storage import waiting
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from jobs.storage.room import Room
from worker.supervise.leftovers import EVERY, remove_leftovers
from worker.supervise.limits import exceeded
from worker.supervise.locks import try_lock
from worker.supervise.lost import take_up_lost
from worker.supervise.process import Trainer
from worker.supervise.trainers import Trainers
from worker.supervise.watch import renewal, watch

POLL = 1.0  # seconds between two looks for queued and lost jobs
REUSED_AFTER: tuple[Outcome, ...] = ("succeeded", "cancelled", "drained")  # the trainer is as good as new

log = logging.getLogger(__name__)


def _stumble(duty: Callable[[], None]) -> str | None:
    """Do a duty; what went wrong that nobody foresaw, which is logged, or None."""
    try:
        duty()
    except (SQLAlchemyError, OSError) as error:  # whatever the trouble is, the next time may find it over
        log.warning("a duty waits for the next second: %s", error, extra=about("duty_waits"))
    except Exception as error:
        log.exception("the worker stumbled", extra=about("stumbled"))
        return f"it stumbled: {type(error).__name__}: {error}"
    return None


class Supervisor:
    """One worker: `slots` jobs at a time, each in a trainer of its own."""

    def __init__(self, settings: Settings, database: Database, slots: int) -> None:
        self._settings, self._database = settings, database
        self._objects = open_objects(settings)
        self._trainers = Trainers(settings.log)
        self._slots = threading.Semaphore(slots)
        self._claiming = threading.Lock()  # of what this worker holds
        self._holds: set[Hold] = set()
        self._leaving = threading.Event()
        self._alive = ExitStack()  # holds this worker's lock
        self._threads: list[threading.Thread] = []
        self._retention = Retention(settings, database, self._objects)
        self._next_sweep = 0.0  # of what the dead have left
        self._stumbles: tuple[str, ...] = ()  # what went wrong in the last second that nobody foresaw
        host, now = socket.gethostname(), time.time()
        self._worker = Worker(f"{host}-{secrets.token_hex(4)}", host, os.getpid(), slots, ("cpu",), now, 0.0)

    def start(self) -> None:
        """Warm a trainer up, and look for work every second from now on."""
        name_worker(self._worker.id)
        # Before anything can be claimed: other workers take an attempt without a living worker for lost.
        self._alive.enter_context(try_lock(self._settings.data, self._worker.id))
        announced = partial(workers.announce, self._database, self._worker)
        Room(self._database, self._worker.id).wait_for(announced, repeatable=True)
        self._trainers.warm_up()
        self._start(self._poll, "poller")

    def work_next(self) -> None:
        """Take a free slot, and claim and train until nothing is queued; return at once where no slot is free.

        Nothing is claimed before a trainer is ready for it.
        """
        if not self._slots.acquire(blocking=False):
            return
        try:
            while not self._leaving.is_set() and (trainer := self._trainers.take()):
                self._describe()
                if not self._work_with(trainer):
                    return
        except SQLAlchemyError as error:
            log.warning("no job could be claimed: %s", error, extra=about("claim_failed"))
        except Exception as error:
            log.exception("no job could be claimed", extra=about("claim_failed"))
            self._trainers.stumbled(f"{type(error).__name__}: {error}")
        finally:
            self._slots.release()

    def drain(self) -> None:
        """Give every running job back, let the trainers go, and say that this worker has left."""
        self.leave()
        for thread in self._threads:
            thread.join()
        for _ in range(self._worker.slots):  # every work_next, whoever called it, has returned
            self._slots.acquire()
        self._trainers.close()
        workers.withdraw(self._database, self._worker)
        self._alive.close()

    def leave(self) -> None:
        """Begin to drain, without waiting: no new job, and each running one ends with its Block."""
        self._leaving.set()
        self._trainers.leave()

    def _poll(self) -> None:
        """Do what is to be done every second; what one duty meets keeps nobody from the others, or the next time."""
        duties = (self._report, self._look_for_work, self._take_up_lost, self._tidy)
        while not self._leaving.wait(POLL):
            self._stumbles = tuple(filter(None, map(_stumble, duties)))

    def _report(self) -> None:
        """Say that this worker is alive, and whether it is well."""
        self._trainers.warm_up()
        self._describe()
        workers.announce(self._database, self._worker)

    def _describe(self) -> None:
        trouble = self._trainers.trouble or "; ".join(self._stumbles) or None
        self._worker = replace(self._worker, devices=self._trainers.devices, trouble=trouble)

    def _look_for_work(self) -> None:
        if queue.something_queued(self._database):
            self._start(self.work_next, "slot")

    def _tidy(self) -> None:
        delete_retired(self._database, self._objects)
        self._retention.look()
        if time.monotonic() > self._next_sweep:
            self._next_sweep = time.monotonic() + EVERY
            remove_leftovers(self._database, self._objects)

    def _take_up_lost(self) -> None:
        def holds() -> frozenset[Hold]:
            with self._claiming:  # what a claim has taken is in the set once it lets go
                return frozenset(self._holds)

        take_up_lost(self._database, self._settings.data, self._worker, holds)

    def _claim(self) -> Job | None:
        with self._claiming:
            job = attempts.claim(self._database, self._worker)
            if job is not None:
                self._holds.add(Hold(job.id, job.attempt))
            return job

    def _work_with(self, trainer: Trainer) -> bool:
        """Have a trainer run the next job; whether there was one."""
        try:
            job = self._claim()
        except BaseException:
            self._trainers.give_back(trainer)
            raise
        if job is None:
            self._trainers.give_back(trainer)
            return False
        hold = Hold(job.id, job.attempt)
        try:
            self._attempt(trainer, job, hold)
        except Exception as error:  # the attempt is taken up as lost; the slot goes on to the next job
            about_it = about("attempt_failed", **hold.fields)
            log.exception("attempt %d of job %s came to grief", hold.attempt, hold.job_id, extra=about_it)
            self._trainers.failed(hold.job_id, f"{type(error).__name__}: {error}")
        finally:
            self._holds.discard(hold)
        return True

    def _attempt(self, trainer: Trainer, job: Job, hold: Hold) -> None:
        try:
            reach("claimed")
            about_it = about("attempt_begun", **hold.fields)
            log.info("job %s, attempt %d begins", hold.job_id, hold.attempt, extra=about_it)
            ended = self._ended(trainer, job, hold)
            self._judge(hold, ended)
            about_it = about("attempt_ended", **hold.fields, outcome=ended.outcome, reason=ended.reason or None)
            log.info("job %s, attempt %d: %s", hold.job_id, hold.attempt, ended.outcome, extra=about_it)
            is_reused = ended.outcome in REUSED_AFTER and trainer.is_alive
            if not is_reused:
                trainer.kill()  # before another attempt can start
            reach("ended")
            if ended.outcome != "replaced":
                ending = partial(attempts.end, self._database, hold, ended, trainer.printed())
                with suppress(AttemptLost):
                    Room(self._database, job.id).wait_for(ending, repeatable=True)
            waiting.clear(self._database, job.id)
            reach("finished")
        except BaseException:
            trainer.kill()
            raise
        if is_reused:
            self._trainers.give_back(trainer)

    def _ended(self, trainer: Trainer, job: Job, hold: Hold) -> Ended:
        """How the attempt has ended, once it has. What fails before the trainer has taken it is no fault of the job."""
        try:
            waiting.clear(self._database, job.id)  # what an attempt may have said that is gone
            renew = renewal(self._database, hold)
            sweep(Held(self._database, self._objects, hold, renew))
            reach("swept")
            limits = job.resolved.spec.limits
            if limits.memory_mb is not None and trainer.is_used:
                trainer.renew()
                if not self._trainers.gets_ready(trainer, meanwhile=renew):
                    return Ended("returned", reason="no fresh trainer got ready for it")
            exceeds = partial(exceeded, limits, self._settings.stall_seconds)
            ended = watch(self._database, trainer, hold, exceeds, self._leaving.is_set)
        except InvalidSpec as error:
            return Ended("failed", JobError(error.code, str(error)))
        except AttemptLost:
            return Ended("replaced")
        except Exception as error:
            if trainer.has_taken(hold):
                raise
            about_it = about("attempt_not_begun", **hold.fields)
            log.exception("attempt %d of job %s did not begin", hold.attempt, hold.job_id, extra=about_it)
            return Ended("returned", reason=f"{type(error).__name__}: {error}")
        if ended.outcome == "lost" and not trainer.has_taken(hold):
            return replace(ended, outcome="returned")
        return ended

    def _judge(self, hold: Hold, ended: Ended) -> None:
        """Tell by how an attempt ended whether this worker is well."""
        if ended.outcome == "lost":
            self._trainers.failed(hold.job_id, ended.reason)
        elif ended.outcome == "returned":
            self._trainers.failed(f"{hold.job_id}, attempt {hold.attempt}", ended.reason)
        elif ended.outcome != "replaced":
            self._trainers.served()

    def _start(self, target: Callable[[], None], name: str) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=target, name=name)
        self._threads.append(thread)
        thread.start()
