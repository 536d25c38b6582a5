"""A real database and a real folder of objects for each test, and running jobs whose series can be written."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from jobs.lifecycle.clients import queued_row
from jobs.lifecycle.job import Job, Status
from jobs.settings import Settings
from jobs.storage import tables
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects
from jobs.storage.objects.protocol import Objects
from tests.support.documents import resolved
from tests.support.running_jobs import Run


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Of a data folder with an empty database; each test that asks for them runs on both kinds."""
    if request.param == "sqlite":
        return Settings(data=tmp_path)
    return Settings(data=tmp_path, database_url=request.getfixturevalue("postgres").new_database())


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = open_database(settings)
    yield database
    database.close()


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return open_objects(Settings(data=tmp_path))


@pytest.fixture
def new_run(database: Database, objects: Objects) -> Callable[..., Run]:
    def insert_job(*, steps: int = 10, job_id: str = "0job", status: Status = Status.RUNNING, **spec: Any) -> Run:
        document = {
            "data": {"dataset": "synthetic"},
            "training": {"steps": steps},
            "evaluation": {"every": 5},
            "recording": {"activations_every": 1, "histograms_every": 5, "probe_every": 5, "units": 1},
            **spec,
        }
        asked = resolved(**document)
        row = {**queued_row(asked, 0.0), "id": job_id, "status": status, "attempt": 1}
        with database.write() as connection:
            connection.execute(insert(tables.jobs).values(row))
            of_worker = {"worker": "w", "host": "here", "started": 0.0}
            connection.execute(insert(tables.attempts).values(job_id=job_id, number=1, **of_worker))
        return Run(database, objects, Job(job_id, status, 1, asked, 0.0))

    return insert_job


@pytest.fixture
def run(new_run: Callable[..., Run]) -> Run:
    return new_run()
