"""The Celery message through a real broker: it wakes, it may come twice, and nothing hangs on it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import store
from jobs.database import Database
from jobs.job import Status
from jobs.queue import broker_answers, make_app, wake
from jobs.settings import Settings
from tests.requirements import require_any
from tests.worker.conftest import PATIENCE, running_worker, submit, until, wait_for


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Settings]]:
    """A Redis or Valkey of the test's own, on a unix socket."""
    socket = tmp_path / "broker.sock"
    command = [require_any("valkey-server", "redis-server"), "--port", "0", "--unixsocket", str(socket), "--save", ""]
    with (tmp_path / "broker.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    until(socket.exists)
    yield process, Settings(data=tmp_path / "data", broker_url=f"redis+socket://{socket}")
    process.terminate()
    process.wait(PATIENCE)


def test_a_message_is_what_wakes_a_worker_and_a_second_one_does_no_harm(
    broker: tuple[subprocess.Popen[bytes], Settings], settings: Settings, database: Database
) -> None:
    app = make_app(broker[1])
    with running_worker(settings, broker=broker[1].broker_url), app:
        log = settings.data / "worker.log"
        until(lambda: "ready." in log.read_text())
        job = submit(database)
        assert all([wake(app, job), wake(app, job), wake(app, job)])
        assert wait_for(database, job).status is Status.SUCCEEDED
        until(lambda: log.read_text().count("Task bnlab.look") >= 3)
        assert len(store.attempts_of(database, job.id)) == 1


def test_with_the_broker_killed_a_job_is_found_all_the_same(
    broker: tuple[subprocess.Popen[bytes], Settings], settings: Settings, database: Database
) -> None:
    process, with_broker = broker
    app = make_app(with_broker)
    with running_worker(settings, broker=with_broker.broker_url), app:
        until(lambda: "ready." in (settings.data / "worker.log").read_text())
        assert broker_answers(app)
        process.kill()
        process.wait()
        assert not broker_answers(app)
        job = submit(database)
        assert wake(app, job) is False
        assert wait_for(database, job).status is Status.SUCCEEDED


def test_a_worker_starts_where_there_is_no_broker_at_all(settings: Settings, database: Database) -> None:
    with running_worker(settings, broker="redis+socket:///nowhere/broker.sock"):
        assert wait_for(database, submit(database)).status is Status.SUCCEEDED
