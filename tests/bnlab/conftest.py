"""A server on a loopback socket, jobs in it, and the SDK that reaches it."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.app import create_app
from bnlab import Client
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage.database import Database, open_database
from tests.support import recorded_jobs
from tests.support.placeholders import put_files
from tests.support.serving import served


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have a server of their own in the environment."""
    for name in os.environ:
        if name.startswith("BNLAB_"):
            monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a data folder that seems to have MNIST, which jobs train on by default."""
    put_files(tmp_path / "data")
    return Settings(data=tmp_path / "data", broker_url="memory://localhost")


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    with served(create_app(settings)) as server:
        yield str(server.base_url)


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url) as client:
        yield client


@pytest.fixture
def database(settings: Settings, url: str) -> Iterator[Database]:  # noqa: ARG001 - the server makes the folder
    with closing(open_database(settings)) as database:
        yield database


@pytest.fixture
def running(database: Database, settings: Settings) -> Job:
    return recorded_jobs.start(database, settings)


@pytest.fixture
def finished(database: Database, settings: Settings, running: Job) -> Job:
    return recorded_jobs.finish(database, settings, running)
