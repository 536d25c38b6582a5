"""Something goes wrong again and again, at random from a seed.

Processes are ended or stopped, the broker forgets, remembers or is away, the database's server crashes; and clients
pause, resume and delete jobs meanwhile.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psutil

from jobs.errors import NotAllowed
from jobs.lifecycle import clients, lookup
from jobs.lifecycle.demands import Verb
from jobs.lifecycle.job import TERMINAL, Job, Status
from tests.chaos.checker import check_deleted, check_events
from tests.chaos.conftest import Stand
from tests.support.broker import Broker
from tests.support.postgres import Server

PAUSE = (0.2, 3.0)  # seconds between two evil deeds
STOPPED = (0.5, 18.0)  # seconds that a process stands still: for a moment, past its silence, past its lease
CRASHED = (0.0, 14.0)  # seconds that the database's server is away
NO_BROKER = (1.0, 60.0)  # seconds that the broker is away
WORKERS = 2


class Nemesis:
    """Deeds on a stand, its broker and the server of its database, drawn from a seed."""

    def __init__(self, stand: Stand, broker: Broker, server: Server | None, seed: int, jobs: list[str]) -> None:
        self._stand, self._broker, self._server, self._random = stand, broker, server, random.Random(seed)
        self._jobs = jobs  # what clients may do something to; others add to it
        self.deleted: list[str] = []
        self._stopped: list[tuple[float, int]] = []  # until when which process stands still
        self._broker_back = 0.0  # when it is there again; 0: it is there
        self.deeds: list[str] = []

    def rage(self, seconds: float, between: Callable[[], None]) -> None:
        """For so long; `between` is called after each deed."""
        deeds = [self._kill_trainer, self._kill_worker, self._stop_trainer, self._stop_worker, self._confuse_broker]
        deeds += [self._take_broker_away, *([self._crash_database] if self._server else [])]
        of_clients = [self._pause, self._resume, self._delete]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            deed = self._random.choice(deeds + of_clients)
            if deed in of_clients:
                self._as_client(deed)
            else:
                deed()
            self.deeds.append(deed.__name__.strip("_"))
            self._wait(self._random.uniform(*PAUSE))
            self._stand.keep_workers(WORKERS)
            self._as_client(between)

    def _as_client(self, act: Callable[[], None]) -> None:
        """Do what clients do, while the others go on: one that was stopped may hold the database's write lock."""
        with ThreadPoolExecutor(1) as client:
            done = client.submit(act)
            while not done.done():
                self._wait(0.02)
        done.result()

    def make_peace(self) -> None:
        """Let everything go on that stands still or is away."""
        for _, pid in self._stopped:
            _signal(pid, signal.SIGCONT)
        self._bring_broker_back()
        for job in self._found():
            self._ask(job.id, "resume")

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            for until, pid in [each for each in self._stopped if each[0] <= now]:
                _signal(pid, signal.SIGCONT)
                self._stopped.remove((until, pid))
            if self._broker_back <= now:
                self._bring_broker_back()
            time.sleep(0.02)

    def _kill_trainer(self) -> None:
        self._to_a_trainer(signal.SIGKILL)

    def _stop_trainer(self) -> None:
        self._to_a_trainer(signal.SIGSTOP)

    def _kill_worker(self) -> None:
        self._to(self._random.choice(self._stand.workers).pid, signal.SIGKILL)

    def _stop_worker(self) -> None:
        self._to(self._random.choice(self._stand.workers).pid, signal.SIGSTOP)

    def _confuse_broker(self) -> None:
        if not self._broker_back:
            self._random.choice((self._broker.forget, self._broker.restart, self._broker.go_back))()

    def _take_broker_away(self) -> None:
        if not self._broker_back:
            self._broker.kill()
            self._broker_back = time.monotonic() + self._random.uniform(*NO_BROKER)

    def _bring_broker_back(self) -> None:
        if self._broker_back:
            self._broker.start()
            self._broker_back = 0.0

    def _crash_database(self) -> None:
        assert self._server is not None
        self._server.stop()
        self._wait(self._random.uniform(*CRASHED))
        self._server.start()

    def _found(self, *statuses: Status) -> list[Job]:
        """The jobs that are there and stand so; of no status: all."""
        jobs = [lookup.get(self._stand.database, job_id) for job_id in self._jobs if job_id not in self.deleted]
        return [job for job in jobs if not statuses or job.status in statuses]

    def _pause(self) -> None:
        if not self._found(Status.PAUSED) and (jobs := self._found(Status.QUEUED, Status.RUNNING)):
            self._ask(self._random.choice(jobs).id, "pause")

    def _resume(self) -> None:
        for job in self._found(Status.PAUSED, Status.RUNNING):
            self._ask(job.id, "resume")

    def _ask(self, job_id: str, verb: Verb) -> None:
        with suppress(NotAllowed):  # it has ended
            clients.ask(self._stand.database, job_id, verb)

    def _delete(self) -> None:
        if jobs := self._found(*TERMINAL):
            job = self._random.choice(jobs)
            check_events(self._stand.database, job)
            clients.remove(self._stand.database, self._stand.objects, job.id)
            self.deleted.append(job.id)
            check_deleted(self._stand.database, job.id)

    def _to_a_trainer(self, number: signal.Signals) -> None:
        trainers: list[psutil.Process] = sorted(self._stand.trainers(), key=lambda process: process.pid)
        if trainers:
            self._to(self._random.choice(trainers).pid, number)

    def _to(self, pid: int, number: signal.Signals) -> None:
        _signal(pid, number)
        if number is signal.SIGSTOP:
            self._stopped.append((time.monotonic() + self._random.uniform(*STOPPED), pid))


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
