"""Behind a proxy that answers under a path of its own, whether or not the server is told of it."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

import httpx
import pytest

from api.app import create_app
from jobs.settings import Settings
from tests.support.serving import assert_problem, served

OUTSIDE = "https://lab.example.org/bnlab"
EXPERIMENT = {"base": {"data": {"dataset": "synthetic"}}, "variants": {"with BN": {"batch_norm": True}}, "seeds": 2}


@pytest.fixture(params=["", "/bnlab"], ids=["a proxy that says nothing", "uvicorn --root-path"])
def server(request: pytest.FixtureRequest, settings: Settings) -> Iterator[httpx.Client]:
    with served(create_app(settings), root_path=request.param) as client:
        yield client


def passed_on(client: httpx.Client, url: str) -> httpx.Response:
    """What the proxy answers, which takes its path off and asks the server."""
    assert url.startswith(f"{OUTSIDE}/")
    return client.get(url.removeprefix(OUTSIDE))


def test_a_browser_is_led_to_the_pages(server: httpx.Client) -> None:
    for path in ("/", "/ui"):
        first = passed_on(server, f"{OUTSIDE}{path}")
        assert urljoin(f"{OUTSIDE}{path}", first.headers["location"]) == f"{OUTSIDE}/ui/"


@pytest.mark.parametrize("path", ["docs", "ui/", "ui/new", "ui/datasets", "ui/workers", "ui/jobs/latest"])
def test_a_browser_finds_a_page_with_all_that_it_needs(server: httpx.Client, path: str) -> None:
    page = f"{OUTSIDE}/{path}"
    text = passed_on(server, page).text
    needed = re.findall(r"""(?:href|src|url)["']?[=:]\s?["']([^"'#]+)["']""", text)
    assert len(needed) >= 4  # of the documentation: script, style, icon and the document
    assert {passed_on(server, urljoin(page, url)).status_code for url in needed} == {200}


def test_the_document_names_the_server_it_came_from(server: httpx.Client) -> None:
    url = f"{OUTSIDE}/openapi.json"
    document = passed_on(server, url).json()
    servers = [urljoin(url, place["url"]) for place in document["servers"]]
    assert servers == [f"{OUTSIDE}/"]


def test_a_job_is_where_its_location_says(server: httpx.Client) -> None:
    made = server.post("/jobs", json={})
    found = passed_on(server, urljoin(f"{OUTSIDE}/jobs", made.headers["location"]))
    assert found.json()["id"] == made.json()["id"]


def test_an_experiment_is_where_its_location_says(server: httpx.Client) -> None:
    made = server.post("/experiments", json=EXPERIMENT)
    found = passed_on(server, urljoin(f"{OUTSIDE}/experiments", made.headers["location"]))
    assert found.json()["id"] == made.json()["id"]


def test_behind_a_prefix_the_open_paths_are_open_and_the_others_not(settings: Settings) -> None:
    guarded = settings.model_copy(update={"access": "token"})
    with served(create_app(guarded), root_path="/bnlab") as client:
        assert [client.get(path).status_code for path in ("/docs", "/healthz", "/openapi.json")] == [200] * 3
        assert_problem(client.get("/jobs"), 401, "token_required")
