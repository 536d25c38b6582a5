"""A real worker under retention: it stays within its limits, loses nothing that is retained, and may be killed."""

import os
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from jobs.lifecycle import clients, lookup
from jobs.lifecycle.job import TERMINAL
from jobs.lifecycle.retention import BY
from jobs.series.answers.verification import verify
from jobs.series.read.reader import Series
from jobs.settings import Settings
from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.support.workers import running_worker, submit, until

JOBS = int(os.environ.get("BNLAB_TEST_RETENTION_JOBS", "20"))  # `make retention` takes 500
KEPT = 5
EACH = 4  # one job of so many is to be retained
SHORT = {"training": {"steps": 20}, "evaluation": {"every": 10}, "architecture": {"preset": "mlp", "hidden": [8]}}
PATIENCE = 180.0 + 2.0 * JOBS  # seconds


def ended(database: Database) -> dict[str, float]:
    """By job that has ended and is there, when it did."""
    query = select(tables.jobs.c.id, tables.jobs.c.finished).where(tables.jobs.c.status.in_(TERMINAL))
    with database.read() as connection:
        return {row.id: row.finished for row in connection.execute(query)}


def there(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.scalars(select(tables.jobs.c.id)))


def deleted(database: Database) -> dict[str, str]:
    """By deleted job, who has done it."""
    with database.read() as connection:
        return {row.id: row.by for row in connection.execute(select(tables.deleted))}


@pytest.fixture
def failpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "failpoints"
    folder.mkdir()
    monkeypatch.setenv("BNLAB_FAILPOINTS", str(folder))
    return folder


def test_what_a_kill_leaves_of_a_job_that_retention_deletes_is_removed(
    settings: Settings, database: Database, objects: Objects, failpoints: Path
) -> None:
    old, young = submit(database).id, submit(database).id
    for job_id in (old, young):
        objects.put(keys.of_weights(job_id, 1), b"weights")
        clients.ask(database, job_id, "cancel")
    (failpoints / "rows deleted").write_text("self 1")
    with running_worker(settings, keep_jobs="1") as killed:
        until(lambda: killed.poll() is not None)
    assert (there(database), deleted(database)) == ({young}, {old: BY})
    assert objects.owners() == {old, young}
    with running_worker(settings, keep_jobs="1"):
        until(lambda: objects.owners() == {young})
    assert there(database) == {young}


def test_a_server_under_retention_stays_within_its_limits_and_loses_nothing_that_is_retained(
    settings: Settings, database: Database, objects: Objects
) -> None:
    accepted = [submit(database, **SHORT, retain=number % EACH == 0).id for number in range(JOBS)]
    retained = set(accepted[::EACH])
    seen: dict[str, float] = {}
    most = 0
    begun = time.monotonic()

    def all_have_ended() -> bool:
        nonlocal most
        now = ended(database)
        seen.update(now)
        most = max(most, len(now.keys() - retained))
        return seen.keys() | deleted(database).keys() == set(accepted)

    with running_worker(settings, slots=2, keep_jobs=str(KEPT), commit_seconds="0.1"):
        until(all_have_ended, PATIENCE)
        print(f"{JOBS} jobs in {time.monotonic() - begun:.0f} s; at most {most} were there that might go")
        until(lambda: len(there(database) - retained) == KEPT, PATIENCE)
        until(lambda: objects.owners() == there(database), PATIENCE)
    newest = sorted(seen.keys() - retained, key=lambda job_id: seen[job_id])[-KEPT:]
    assert there(database) == {*retained, *newest}
    assert deleted(database) == dict.fromkeys(set(accepted) - there(database), BY)
    for job_id in there(database):
        job = lookup.get(database, job_id)
        found = verify(Series(job, database, objects))
        assert (job.status, found.damaged, found.objects > 0) == ("succeeded", (), True)
