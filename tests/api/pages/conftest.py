"""Pages as a user has them: a server with a worker, and a real browser before it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from api.app import create_app
from bn.architecture.measures import DIAGNOSTIC_NAMES
from jobs.settings import Settings
from jobs.storage.database import open_database
from tests.support.browser import Watched, chromium
from tests.support.placeholders import put_files
from tests.support.serving import served
from tests.support.workers import PATIENCE, SMALL, running_worker, until

expect.set_options(timeout=PATIENCE * 1000)  # a busy machine is slow, not wrong


@dataclass(frozen=True)
class Site:
    """A server with a worker."""

    url: str
    client: httpx.Client
    settings: Settings

    def submit(self, **changes: Any) -> str:
        """The id of a new job of 300 steps on the synthetic dataset, but for these changes."""
        answer = self.client.post("/jobs", json=SMALL | changes)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/jobs/{job_id}").raise_for_status().json()
        return found

    def ids(self) -> list[str]:
        """Of every job, newest first."""
        return [job["id"] for job in self.client.get("/jobs").raise_for_status().json()["jobs"]]

    def ended(self, job_id: str) -> dict[str, Any]:
        """The job once it has ended."""
        found: dict[str, Any] = until(lambda: (job := self.job(job_id))["finished"] and job)
        return found

    def running(self, **changes: Any) -> str:
        """The id of a job that trains for as long as a test may take, and has recorded some steps."""
        job_id = self.submit(**{"training": {"steps": 500_000}} | changes)
        until(lambda: self.job(job_id)["latest"].get("train.loss") is not None)
        return job_id


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a file: as long as it is there its event loop runs in this thread, where other tests run their own."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for the tests of a file, on a data folder that seems to have MNIST."""
    data = tmp_path_factory.mktemp("site") / "data"
    put_files(data)
    settings = Settings(data=data, access="auto", host="127.0.0.1", broker_url="memory://localhost")
    with (
        served(create_app(settings)) as client,
        closing(open_database(settings)),
        running_worker(settings, slots=2),
    ):
        yield Site(str(client.base_url).rstrip("/"), client, settings)


@pytest.fixture(scope="module")
def recorded(site: Site) -> str:
    """The id of a job that has succeeded, with histograms and units, and all diagnostics."""
    job_id = site.submit(
        name="recorded",
        recording={
            "histograms_every": 20,
            "probe_every": 50,
            "diagnostics": [{"name": name, "every": 100} for name in DIAGNOSTIC_NAMES],
        },
    )
    assert site.ended(job_id)["status"] == "succeeded"
    return job_id


@pytest.fixture
def watched(site: Site) -> Watched:
    """What the test's page has done that it should not have; a test may say what it expects."""
    return Watched(site.url)


@pytest.fixture
def page(site: Site, browser: Browser, watched: Watched) -> Iterator[Page]:
    """A browser's page; the test fails by what goes wrong in it unseen."""
    context = browser.new_context(base_url=site.url, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    watched.watch(page)
    yield page
    context.close()
    assert watched.unexpected() == []
