"""Jobs under a nemesis: half of a minute, or of BNLAB_TEST_CHAOS_SECONDS, on each kind of database."""

import os
import random
from collections import Counter
from pathlib import Path

import pytest
from celery import Celery

from jobs.lifecycle import lookup
from jobs.lifecycle.job import TERMINAL, Status
from jobs.spec.engines import Engine
from jobs.wake import make_app, wake
from tests.chaos.checker import check_deleted, check_ended, check_journal
from tests.chaos.conftest import Stand, stand_in
from tests.chaos.nemesis import WORKERS, Nemesis
from tests.support.broker import Broker
from tests.support.postgres import Server

SECONDS = float(os.environ.get("BNLAB_TEST_CHAOS_SECONDS", "60"))
STEPS = 2000  # of each job
OPEN = 4  # jobs that have not ended, at any time
COPIES = 20  # of each wake-up


@pytest.mark.parametrize(("kind", "engine"), [("sqlite", "compiled"), ("postgresql", "eager")])
def test_whatever_dies_every_job_ends_with_the_bits_of_an_undisturbed_one(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, engine: Engine
) -> None:
    server: Server | None = request.getfixturevalue("postgres") if kind == "postgresql" else None
    seed = int(os.environ.get("BNLAB_TEST_CHAOS_SEED", random.randrange(2**32)))
    print(f"BNLAB_TEST_CHAOS_SEED={seed}")  # pytest shows it where the test fails
    broker = Broker(tmp_path)
    try:
        with stand_in(tmp_path / "data", broker.url, server.new_database() if server else "", engine) as stand:
            job = stand.submit(STEPS)
            stand.wait_for_all([job.id], WORKERS)
            undisturbed, accepted = lookup.get(stand.database, job.id), list[str]()
            app = make_app(stand.settings)
            nemesis = Nemesis(stand, broker, server, seed, accepted)
            nemesis.rage(SECONDS / 2, lambda: keep_busy(stand, app, accepted, nemesis.deleted))
            nemesis.make_peace()
            kept = [job_id for job_id in accepted if job_id not in nemesis.deleted]
            stand.wait_for_all(kept, WORKERS)
            check_ended(stand.database, stand.objects, [undisturbed.id, *kept], undisturbed)
            for job_id in nemesis.deleted:
                check_deleted(stand.database, job_id)
            steps = check_journal(stand.journal)
            ends = Counter(lookup.get(stand.database, job_id).status for job_id in kept)
            print(f"{len(nemesis.deeds)} deeds {Counter(nemesis.deeds)}; {dict(ends)}; {steps} steps taken")
            assert ends[Status.SUCCEEDED] > len(kept) / 2
    finally:
        broker.kill()


def keep_busy(stand: Stand, app: Celery, accepted: list[str], deleted: list[str]) -> None:
    """Submit jobs until so many are open, each with a number of copies of its wake-up."""

    def is_open(job_id: str) -> bool:
        return job_id not in deleted and lookup.get(stand.database, job_id).status not in TERMINAL

    while sum(map(is_open, accepted)) < OPEN:
        job = stand.submit(STEPS)
        accepted.append(job.id)
        for _ in range(COPIES):
            wake(app, job)
