"""A server of its own for each test that asks, a second view of its database, and jobs in it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage.database import Database, open_database
from tests.conftest import Stack
from tests.support import recorded_jobs
from tests.support.placeholders import put_files
from tests.support.serving import served


@pytest.fixture
def settings(tmp_path: Path, stack: Stack) -> Settings:
    """Of a data folder that seems to have MNIST, which jobs train on by default."""
    put_files(tmp_path / "data")
    return Settings(
        data=tmp_path / "data",
        database_url=stack.database_url,
        broker_url=stack.broker_url,
        access="auto",
        host="127.0.0.1",
    )


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    with served(create_app(settings)) as client:
        yield client


@pytest.fixture
def database(settings: Settings, client: httpx.Client) -> Iterator[Database]:  # noqa: ARG001 - it makes the folder
    """The server's database, opened a second time, as a worker does."""
    with closing(open_database(settings)) as database:
        yield database


@pytest.fixture
def running(database: Database, settings: Settings) -> Job:
    return recorded_jobs.start(database, settings)


@pytest.fixture
def finished(database: Database, settings: Settings, running: Job) -> Job:
    return recorded_jobs.finish(database, settings, running)
