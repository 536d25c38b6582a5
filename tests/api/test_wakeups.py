"""Wake-ups of the server, through a real broker that hangs."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.wakeups import WakeUps
from jobs.lifecycle import clients
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage.database import open_database
from tests.support.broker import Broker
from tests.support.workers import until

CPU = '{"data": {"dataset": "synthetic"}}'
GPU = '{"data": {"dataset": "synthetic"}, "resources": {"device": "cuda"}}'


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    yield broker
    broker.kill()


@pytest.fixture
def jobs(settings: Settings) -> tuple[Job, Job]:
    """One for any device, and one for a GPU."""
    with closing(open_database(settings)) as database:
        cpu, gpu = (clients.submit(database, check(document, in_catalogue(settings))) for document in (CPU, GPU))
    return cpu, gpu


def test_while_a_broker_hangs_one_wake_up_of_each_queue_waits_for_it(broker: Broker, jobs: tuple[Job, Job]) -> None:
    cpu, gpu = jobs

    def gpu_is_heard() -> bool:
        wake_ups.send(gpu)  # again, because a wake-up that waited too long is given up
        return broker.messages("bnlab.cuda") > 0

    with closing(WakeUps(Settings(broker_url=broker.url))) as wake_ups:
        broker.hang()
        for _ in range(100):
            wake_ups.send(cpu)
        broker.go_on()
        until(gpu_is_heard)  # what was sent before it has been sent, or given up
        assert broker.messages("bnlab") <= 2  # one was under way, and one waited
        before = broker.messages("bnlab")
        wake_ups.send(cpu)
        until(lambda: broker.messages("bnlab") > before)
