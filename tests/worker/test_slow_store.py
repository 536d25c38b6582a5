"""A store that keeps a commit waiting: the training goes on, then waits and says so, and nothing is lost."""

from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from jobs.lifecycle import lookup
from jobs.lifecycle.job import Status
from jobs.settings import Settings
from jobs.storage.database import open_database
from jobs.storage.objects.opening import open_objects
from tests.support.postgres import Server
from tests.support.workers import running_worker, submit, until, wait_for
from tests.worker.supervise.test_supervisor import steps

SLOW = "storage: it is slower than the training, which waits for it"
WHOLE = {"sample": 8192}  # of the 6,000 values of a layer all are kept at each step, so that much waits soon


def test_a_training_waits_for_a_store_that_keeps_it_waiting_and_says_so(tmp_path: Path, postgres: Server) -> None:
    settings = Settings(data=tmp_path, database_url=postgres.new_database(), broker_url="memory://localhost")
    with closing(open_database(settings)) as database, running_worker(settings):
        job = submit(database, training={"steps": 3000}, recording=WHOLE)
        until(lambda: lookup.get(database, job.id).step > 0)
        with database.write() as connection:
            connection.execute(text("LOCK TABLE chunks IN SHARE MODE"))  # who writes to it waits, and nobody else
            until(lambda: lookup.get(database, job.id).waiting_for == SLOW)
            assert lookup.get(database, job.id).status is Status.RUNNING
        until(lambda: lookup.get(database, job.id).waiting_for is None)
        job = wait_for(database, job)
        assert (job.status, job.attempt) == (Status.SUCCEEDED, 1)
        assert steps(database, open_objects(settings), job, "train") == list(range(1, 3001))
