"""A job that goes on after the code has changed is exact to the bit, unless what computes results has."""

import shutil
from pathlib import Path

import pytest

from jobs.lifecycle import clients, lookup
from jobs.lifecycle.job import Status
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support.workers import running_worker, submit, until, wait_for

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the code that may be edited."""
    copy = tmp_path / "checkout"
    for package in ("api", "bn", "bnlab", "jobs", "worker"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.mark.parametrize(
    ("edited", "differs"), [("jobs/series/answers/answers.py", ()), ("worker/train/loop.py", ("code",))]
)
def test_a_job_that_goes_on_says_whether_what_computes_it_has_changed(
    settings: Settings, database: Database, checkout: Path, edited: str, differs: tuple[str, ...]
) -> None:
    job = submit(database, training={"steps": 3_000}, evaluation={"every": 3_000})
    with running_worker(settings, checkout=checkout):
        until(lambda: lookup.get(database, job.id).step > 0)
        clients.ask(database, job.id, "pause")
        wait_for(database, job, Status.PAUSED)
    with (checkout / edited).open("a") as file:
        file.write("# Another release has come.\n")
    clients.ask(database, job.id, "resume")
    with running_worker(settings, checkout=checkout):
        ended = wait_for(database, job)
    assert (ended.status, ended.attempt) == (Status.SUCCEEDED, 2)
    assert (ended.differs, ended.bit_exact) == (differs, not differs)
