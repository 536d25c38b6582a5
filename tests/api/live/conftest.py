"""A job that is recorded while somebody looks on."""

import pytest

from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Job
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects


@pytest.fixture
def writer(database: Database, settings: Settings, running: Job) -> Writer:
    return Writer(Held(database, open_objects(settings), Hold(running.id, running.attempt)))
