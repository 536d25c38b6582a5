"""A data folder of its own for each test that asks, and a worker of it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.lifecycle.workers import live_workers
from jobs.settings import Settings
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects
from jobs.storage.objects.protocol import Objects
from tests.conftest import Stack
from tests.support.workers import running_worker, until


@pytest.fixture
def settings(tmp_path: Path, stack: Stack) -> Settings:
    data = tmp_path / "data"
    data.mkdir()
    return Settings(data=data, database_url=stack.database_url, broker_url=stack.broker_url)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = open_database(settings)
    yield database
    database.close()


@pytest.fixture
def objects(settings: Settings) -> Objects:
    return open_objects(settings)


@pytest.fixture
def worker(settings: Settings, database: Database) -> Iterator[subprocess.Popen[bytes]]:
    with running_worker(settings) as process:
        until(lambda: live_workers(database))
        yield process
