"""A job that an attempt holds."""

import json
import time

import pytest

from jobs.lifecycle import attempts, clients
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.workers import Worker
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database


@pytest.fixture
def held(database: Database) -> Hold:
    """What holds the one job of the database."""
    clients.submit(database, check(json.dumps({"data": {"dataset": "synthetic"}}), in_catalogue(Settings())))
    job = attempts.claim(database, Worker("w", "here", 1, 1, ("cpu",), time.time(), time.time()))
    assert job is not None
    return Hold(job.id, job.attempt)
