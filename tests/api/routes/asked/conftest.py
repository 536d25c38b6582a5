"""A server with a trained network that is asked."""

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from api.app import create_app
from jobs.settings import Settings
from jobs.storage.database import Database, open_database
from tests.support import asked_jobs
from tests.support.asked_jobs import Trained
from tests.support.serving import served


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=tmp_path_factory.mktemp("house") / "data", broker_url="memory://localhost")


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[httpx.Client]:
    with served(create_app(settings)) as client:
        client.timeout = httpx.Timeout(60)
        yield client


@pytest.fixture(scope="module")
def database(settings: Settings, client: httpx.Client) -> Iterator[Database]:  # noqa: ARG001 - it makes the folder
    with closing(open_database(settings)) as database:
        yield database


@pytest.fixture(scope="module")
def trained(database: Database, settings: Settings) -> Trained:
    return asked_jobs.train(database, settings)
