"""The trainers of a worker: one with torch loaded waits for the next job, and a worker whose trainers fail rests."""

import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from jobs.logs import about
from jobs.settings import Log
from worker.supervise.process import Trainer

STUMBLES = 3  # trainers in a row that failed, after which the worker rests
FIRST_REST = 2.0  # seconds; doubled with each that fails after the rest,
DOUBLINGS = 5  # but no more often than this: to 64 seconds
START = "start "  # and a number: a trainer that never came to a job
READY_WITHIN = 300.0  # seconds; to load torch from a cold disk takes a minute
LOOK = 0.1  # seconds between two looks whether a trainer is ready

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Health:
    """What failed in a row: trainers that did not start, attempts that did not begin, and jobs, each of them once."""

    failed: tuple[str, ...] = ()
    reason: str = ""  # of the last one
    rested: float = 0.0  # when the worker may claim again, on the monotonic clock

    def after(self, what: str, reason: str, now: float) -> "Health":
        """The health once `what` has failed as well.

        >>> sick = Health().after("start 1", "exit code 1", 10.0).after("start 2", "exit code 1", 11.0)
        >>> sick.trouble, sick.rested
        (None, 0.0)
        >>> sick = sick.after("start 3", "exit code 1", 13.0)
        >>> sick.trouble, sick.rested, sick.after("start 4", "exit code 1", 15.0).rested
        ('3 trainers in a row failed, the last one so: exit code 1', 15.0, 19.0)
        """
        failed = self.failed if what in self.failed else (*self.failed, what)
        beyond = len(failed) - STUMBLES
        rest = FIRST_REST * 2 ** min(beyond, DOUBLINGS)
        return Health(failed, reason, now + rest if beyond >= 0 else 0.0)

    def once_ready(self) -> "Health":
        """The health once a trainer is ready: those that did not start count no more, jobs that ended theirs do."""
        failed = tuple(what for what in self.failed if not what.startswith(START))
        return replace(self, failed=failed)

    @property
    def trouble(self) -> str | None:
        """Why the worker does not claim; None where it does."""
        if len(self.failed) < STUMBLES:
            return None
        return f"{len(self.failed)} trainers in a row failed, the last one so: {self.reason}"


class Trainers:
    """Starts trainers and lends them out."""

    def __init__(self, log: Log = "text") -> None:
        self._log = log
        self._lock = threading.Lock()  # of what follows
        self._idle: Trainer | None = None
        self._lent: set[Trainer] = set()
        self._health = Health()
        self._numbers = itertools.count(1)
        self._leaving = threading.Event()
        self.devices: tuple[str, ...] = ("cpu",)  # as the last one found them

    @property
    def trouble(self) -> str | None:
        """Why no trainer is to be had."""
        return self._health.trouble

    def warm_up(self) -> None:
        """Have one wait for a job where none is at work; notice where the one that waits has failed."""
        with self._lock:
            self._lent = {trainer for trainer in self._lent if trainer.is_alive}
            if self._idle is None and not self._lent and not self._leaving.is_set():
                self._idle = self._start()
            if self._idle is not None and self._is_dead(self._idle):
                self._idle = None
            if self._idle is not None:
                self._welcome(self._idle)

    def take(self) -> Trainer | None:
        """One that is ready. None: none is to be had now."""
        if time.monotonic() < self._health.rested:
            return None
        with self._lock:
            trainer, self._idle = self._idle or self._start(), None
            if trainer is not None:
                self._lent.add(trainer)
        return trainer if trainer is not None and self.gets_ready(trainer) else None

    def gets_ready(self, trainer: Trainer, meanwhile: Callable[[], None] = lambda: None) -> bool:
        """Wait until it is ready. False: it failed, or the worker leaves, and it is gone.

        meanwhile: called at each look.
        """
        while trainer.ready is None:
            if self._leaving.is_set():
                trainer.kill()
                return False
            if self._is_dead(trainer):
                return False
            meanwhile()
            time.sleep(LOOK)
        self._welcome(trainer)
        return True

    def give_back(self, trainer: Trainer) -> None:
        """Keep it for the next job, or let it go where one waits already."""
        with self._lock:
            self._lent.discard(trainer)
            is_wanted = self._idle is None and not self._leaving.is_set()
            if is_wanted:
                self._idle = trainer
        if not is_wanted:
            trainer.dismiss()

    def served(self) -> None:
        """Say that a trainer has ended an attempt as it should: the worker is well."""
        self._health = Health()

    def failed(self, what: str, reason: str) -> None:
        """Say that a trainer has failed, and with what: the job that it was handed, or its own start."""
        self._health = self._health.after(what, reason, time.monotonic())

    def stumbled(self, reason: str) -> None:
        """Say that something failed before any job was taken."""
        log.warning("no trainer: %s", reason, extra=about("no_trainer"))
        self.failed(f"{START}{next(self._numbers)}", reason)

    def leave(self) -> None:
        """Begin no more, and wait for none to get ready."""
        self._leaving.set()

    def close(self) -> None:
        """Let the one go that waits."""
        self.leave()
        with self._lock:
            trainer, self._idle = self._idle, None
        if trainer is not None:
            trainer.dismiss()

    def _start(self) -> Trainer | None:
        if time.monotonic() < self._health.rested:
            return None
        try:
            return Trainer(self._log)
        except OSError as error:
            self.stumbled(f"it could not be started: {error}")
            return None

    def _welcome(self, trainer: Trainer) -> None:
        if trainer.ready is not None:
            self.devices = trainer.ready.devices
            self._health = self._health.once_ready()

    def _is_dead(self, trainer: Trainer) -> bool:
        """Whether it ended before it was handed anything, or has been loading for too long; it is then gone."""
        try:
            trainer.ended(timeout=0)
            is_late = trainer.ready is None and trainer.age > READY_WITHIN
            reason = f"was not ready after {READY_WITHIN:g} s" if is_late else None
        except EOFError as end:
            reason = str(end)
        if reason is None:
            return False
        trainer.kill()
        last = trainer.printed().text.strip().splitlines()[-1:]
        self.stumbled(": ".join((f"a trainer {reason}", *last)))
        return True
