"""Whether the server lives, whether it is ready, and what it has."""

import re
import socket
from urllib.parse import urljoin

import httpx
import pytest

from api.access.gate import WITHOUT_TOKEN
from api.app import create_app
from bn.architecture.presets import PRESETS
from jobs.datasets.catalogue import CATALOGUE
from jobs.lifecycle.workers import announce
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support import recorded_jobs
from tests.support.placeholders import put_files
from tests.support.serving import assert_problem, served


@pytest.fixture
def no_broker(settings: Settings) -> Settings:
    """Settings whose broker's port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    return settings.model_copy(update={"broker_url": f"redis://127.0.0.1:{port}/0"})


def test_the_server_is_alive(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


def test_the_server_is_ready_once_a_worker_lives(client: httpx.Client, database: Database) -> None:
    answer = client.get("/readyz")
    assert assert_problem(answer, 503, "not_ready")["retryable"] is True
    assert answer.json()["parts"] == {"database": "ok", "broker": "ok", "worker": "none is running"}
    announce(database, recorded_jobs.a_worker())
    assert client.get("/readyz").json() == {
        "status": "ready",
        "parts": {"database": "ok", "broker": "ok", "worker": "ok"},
    }


def test_a_broker_that_is_down_is_named(no_broker: Settings) -> None:
    with served(create_app(no_broker)) as client:
        answer = client.get("/readyz", timeout=60)
    assert_problem(answer, 503, "not_ready")
    assert answer.json()["parts"]["broker"].startswith("does not answer")


def test_a_database_that_is_gone_is_named(client: httpx.Client, settings: Settings) -> None:
    if settings.database_url:
        pytest.skip("on a server it is gone with all of them")
    for path in settings.data.glob("bnlab.sqlite*"):
        path.write_bytes(b"this is no database" * 1000)
    answer = client.get("/readyz")
    assert_problem(answer, 503, "not_ready")
    assert answer.json()["parts"]["database"].startswith("does not answer")
    assert client.get("/healthz").status_code == 200


def test_jobs_are_accepted_while_the_broker_is_down(no_broker: Settings) -> None:
    with served(create_app(no_broker)) as client:
        answers = [client.post("/jobs", json={"name": str(i)}) for i in range(5)]
        assert [answer.status_code for answer in answers] == [202] * 5
        assert len(client.get("/jobs").json()["jobs"]) == 5


def test_the_presets_are_those_of_bn_with_their_defaults(client: httpx.Client) -> None:
    presets = {preset["name"]: preset for preset in client.get("/architectures").json()["presets"]}
    assert presets.keys() == PRESETS.keys()
    for name, options in PRESETS.items():
        assert presets[name]["options"] == options().model_dump(mode="json")
        assert presets[name]["schema"] == options.model_json_schema()
        plan = client.post("/jobs/validate", json={"architecture": name}).json()
        assert presets[name]["parameters"] == plan["parameters"]


def test_every_kind_of_layer_is_shown(client: httpx.Client) -> None:
    kinds = {layer["kind"]: layer["schema"] for layer in client.get("/architectures").json()["layers"]}
    refusal = client.post("/jobs/validate", json={"architecture": {"layers": [{"kind": "lstm"}]}}).json()["detail"]
    assert refusal.partition("(there is: ")[2] == f"{', '.join(sorted(kinds))})"
    assert "features" in kinds["linear"]["properties"]


def test_the_catalogue_says_what_is_here(client: httpx.Client, settings: Settings) -> None:
    datasets = {dataset["name"]: dataset for dataset in client.get("/datasets").json()["datasets"]}
    assert datasets.keys() == CATALOGUE.keys()
    assert (datasets["cifar10"]["available"], datasets["synthetic"]["available"]) == (False, True)
    assert (datasets["mnist"]["shape"], datasets["mnist"]["train"]) == ([1, 28, 28], 60_000)
    put_files(settings.data, "cifar10")
    datasets = {dataset["name"]: dataset for dataset in client.get("/datasets").json()["datasets"]}
    assert datasets["cifar10"]["available"] is True


def test_a_browser_is_led_to_the_pages(client: httpx.Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 307
    assert answer.headers["location"] == "ui/"


def test_the_documentation_loads_everything_it_needs_from_this_server(client: httpx.Client) -> None:
    page = client.get("/docs").text
    assert "://" not in page
    for path in (urljoin("/docs", url) for url in re.findall(r'(?:src|href)="([^"]+)"', page)):
        assert path in WITHOUT_TOKEN
        assert len(client.get(path).raise_for_status().content) > 100
