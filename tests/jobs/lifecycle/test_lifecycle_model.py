"""The lifecycle beside a plain model of it: whatever is done in whatever order, both say the same."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete

from jobs.errors import AttemptLost, NotAllowed
from jobs.lifecycle import attempts, clients, lookup
from jobs.lifecycle.attempts import MAX_LOSSES, Hold
from jobs.lifecycle.demands import Verb
from jobs.lifecycle.job import NEXT, Ended, JobError, Status
from jobs.lifecycle.workers import Worker
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.support.events import statuses_of
from tests.support.running_jobs import waits_are_over

ACCEPTED = check('{"data": {"dataset": "synthetic"}}', in_catalogue(Settings()))
WORKER = Worker("w", "here", 1, 1, ("cpu",), 0.0, 0.0)
ENDED = (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)


@dataclass
class Model:
    """What a job should be, in the plainest words."""

    status: str = "queued"
    attempt: int = 0
    requested: str | None = None
    losses: int = 0
    statuses: list[str] = field(default_factory=lambda: ["queued"])  # that it went through
    outcomes: list[str] = field(default_factory=list)

    def go(self, status: str) -> None:
        """It has come to a status, which may be the one that it had."""
        if status != self.status:
            self.statuses.append(status)
        self.status = status

    def stop(self, outcome: str, *, lost: bool) -> None:
        """The attempt has gone, without an end of its own."""
        self.losses += lost
        self.outcomes.append(outcome)
        if self.requested is not None:
            self.go({"cancel": "cancelled", "pause": "paused"}[self.requested])
        else:
            self.go("failed" if lost and self.losses >= MAX_LOSSES else "queued")
        self.requested = None


class Lifecycle(RuleBasedStateMachine):
    database: Database
    objects: Objects
    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        with self.database.write() as connection:
            connection.execute(delete(tables.jobs))
        self.models: dict[str, Model] = {}

    @rule()
    def submit(self) -> None:
        self.models[clients.submit(self.database, ACCEPTED).id] = Model()

    @rule(target=held)
    def claim(self) -> Hold | None:
        waiting = sorted(job_id for job_id, model in self.models.items() if model.status == "queued")
        waits_are_over(self.database)
        job = attempts.claim(self.database, WORKER)
        assert (job and job.id) == (waiting[0] if waiting else None)
        if job is None:
            return None
        model = self.models[job.id]
        model.go("running")
        model.attempt += 1
        return Hold(job.id, job.attempt)

    @rule(hold=held, ended=st.sampled_from([Ended("succeeded"), Ended("failed", JobError("exception", "it broke"))]))
    def finish(self, hold: Hold | None, ended: Ended) -> None:
        if model := self._by(hold, lambda it: attempts.end(self.database, it, ended)):
            model.go(ended.outcome)
            model.requested = None
            model.outcomes.append(ended.outcome)

    @rule(hold=held)
    def drain(self, hold: Hold | None) -> None:
        if model := self._by(hold, lambda it: attempts.end(self.database, it, Ended("drained"))):
            model.stop("drained", lost=False)

    @rule(hold=held)
    def lose(self, hold: Hold | None) -> None:
        if model := self._by(hold, lambda it: attempts.end(self.database, it, Ended("lost", reason="gone"))):
            model.stop("lost: gone", lost=True)

    @rule(hold=held)
    def beat(self, hold: Hold | None) -> None:
        self._by(hold, lambda it: attempts.beat(self.database, it))

    @rule(data=st.data(), verb=st.sampled_from(["cancel", "pause", "resume"]))
    def ask(self, data: st.DataObject, verb: Verb) -> None:
        if not self.models:
            return
        job_id = data.draw(st.sampled_from(sorted(self.models)))
        model = self.models[job_id]
        allowed = {
            "cancel": ("queued", "running", "paused", "cancelled"),
            "pause": ("queued", "running", "paused"),
            "resume": ("queued", "running", "paused"),
        }[verb]
        if model.status not in allowed:
            with pytest.raises(NotAllowed):
                clients.ask(self.database, job_id, verb)
            return
        clients.ask(self.database, job_id, verb)
        if model.status == "running":
            if model.requested != "cancel":
                model.requested = None if verb == "resume" else verb
        else:
            model.go({"cancel": "cancelled", "pause": "paused", "resume": "queued"}[verb])

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        ended = sorted(job_id for job_id, model in self.models.items() if model.status in ENDED)
        if ended:
            job_id = data.draw(st.sampled_from(ended))
            clients.remove(self.database, self.objects, job_id)
            del self.models[job_id]

    @invariant()
    def both_say_the_same(self) -> None:
        for job_id, model in self.models.items():
            job = lookup.get(self.database, job_id)
            found = (job.status, job.attempt, job.requested, job.losses)
            assert found == (model.status, model.attempt, model.requested, model.losses)
            assert (job.finished is not None) == (model.status in ENDED)
            tried = lookup.attempts_of(self.database, job_id)
            assert [each.outcome for each in tried if each.ended is not None] == model.outcomes
            assert sum(each.ended is None for each in tried) == (model.status == "running")

    @invariant()
    def the_events_tell_the_statuses_in_legal_moves(self) -> None:
        for job_id, model in self.models.items():
            told = statuses_of(self.database, job_id)
            assert told == model.statuses
            assert all(Status(after) in NEXT[Status(before)] for before, after in pairwise(told))

    def _by(self, hold: Hold | None, act: Any) -> Model | None:
        """Act under a hold; the job's model where that should have an effect, and had it."""
        if hold is None:
            return None
        model = self.models.get(hold.job_id)
        if model is not None and (model.status, model.attempt) == ("running", hold.attempt):
            act(hold)
            return model
        with pytest.raises(AttemptLost):
            act(hold)
        return None


def test_the_lifecycle_is_that_of_the_model(database: Database, objects: Objects) -> None:
    machine = type("OnThisDatabase", (Lifecycle,), {"database": database, "objects": objects})
    run_state_machine_as_test(machine, settings=hypothesis_settings(max_examples=30, stateful_step_count=40))
