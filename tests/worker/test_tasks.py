"""The Celery message through a real broker: it wakes, it may come twice, and nothing hangs on it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from jobs.lifecycle import lookup
from jobs.lifecycle.job import Status
from jobs.lifecycle.workers import live_workers
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.wake import broker_answers, make_app, wake
from tests.support.broker import Broker
from tests.support.workers import running_worker, submit, until, wait_for


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    yield broker
    broker.kill()


def test_a_message_is_what_wakes_a_worker_and_a_second_one_does_no_harm(
    broker: Broker, settings: Settings, database: Database
) -> None:
    app = make_app(Settings(broker_url=broker.url))
    with running_worker(settings, broker=broker.url), app:
        log = settings.data / "worker.log"
        until(lambda: "ready." in log.read_text())
        job = submit(database)
        assert all([wake(app, job), wake(app, job), wake(app, job)])
        assert wait_for(database, job).status is Status.SUCCEEDED
        until(lambda: log.read_text().count("Task bnlab.look") >= 3)
        assert len(lookup.attempts_of(database, job.id)) == 1


def test_of_a_hundred_copies_of_each_wake_up_to_four_workers_each_job_runs_once(
    broker: Broker, settings: Settings, database: Database
) -> None:
    app = make_app(Settings(broker_url=broker.url))
    with ExitStack() as workers, app:
        for _ in range(4):
            workers.enter_context(running_worker(settings, broker=broker.url))
        until(lambda: len(live_workers(database)) == 4)
        jobs = [submit(database) for _ in range(4)]
        for _ in range(100):
            assert all(wake(app, job) for job in jobs)
        assert [wait_for(database, job).status for job in jobs] == [Status.SUCCEEDED] * 4
        until(lambda: (settings.data / "worker.log").read_text().count("Task bnlab.look") >= 400)
        assert [len(lookup.attempts_of(database, job.id)) for job in jobs] == [1] * 4


def test_with_the_broker_killed_a_job_is_found_all_the_same(
    broker: Broker, settings: Settings, database: Database
) -> None:
    app = make_app(Settings(broker_url=broker.url))
    with running_worker(settings, broker=broker.url), app:
        until(lambda: "ready." in (settings.data / "worker.log").read_text())
        assert broker_answers(app)
        broker.kill()
        assert not broker_answers(app)
        job = submit(database)
        assert wake(app, job) is False
        assert wait_for(database, job).status is Status.SUCCEEDED


def test_a_worker_starts_where_there_is_no_broker_at_all(settings: Settings, database: Database) -> None:
    with running_worker(settings, broker="redis+socket:///nowhere/broker.sock"):
        assert wait_for(database, submit(database)).status is Status.SUCCEEDED
