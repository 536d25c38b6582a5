"""Whatever a query says that it should not is refused in our own words: every parameter is given every text."""

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from api.app import create_app
from jobs.settings import Settings
from jobs.storage.database import open_database
from tests.support import recorded_jobs
from tests.support.foreign_words import foreign
from tests.support.placeholders import put_files
from tests.support.serving import assert_problem, served

WRONG = ("", "x", "-1", "0", "1.5", "1e999", "nan", "9" * 30, "9" * 5000, "perhaps", "None", "[]")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data = tmp_path_factory.mktemp("data")
    put_files(data)
    return Settings(data=data, broker_url="memory://localhost", host="127.0.0.1")


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[httpx.Client]:
    with served(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def job_id(settings: Settings) -> str:
    with closing(open_database(settings)) as database:
        return recorded_jobs.finish(database, settings, recorded_jobs.start(database, settings)).id


@pytest.fixture(scope="module")
def experiment_id(client: httpx.Client) -> str:
    document = {"base": {"data": {"dataset": "synthetic"}}, "variants": {"a": {}}}
    return str(client.post("/experiments", json=document).raise_for_status().json()["id"])


def refusals(client: httpx.Client, url: str, parameters: dict[str, str]) -> list[dict[str, str]]:
    """The faults that an answer names; none where it is an answer."""
    with client.stream("GET", url, params=parameters) as answer:
        if answer.status_code != 422:
            return []
        answer.read()
        return list(answer.json()["errors"])


def test_every_wrong_parameter_is_told_in_our_words(client: httpx.Client, job_id: str, experiment_id: str) -> None:
    refused: set[str] = set()
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        url = path.replace("{job_id}", job_id).replace("{experiment_id}", experiment_id)
        for parameter in operations.get("get", {}).get("parameters", ()):
            if parameter["in"] != "query":
                continue
            for text in WRONG:
                for error in refusals(client, url, {parameter["name"]: text}):
                    refused.add(parameter["name"])
                    assert not foreign(error["message"].replace(f"'{text}'", "")), (url, parameter["name"], error)
                    assert "cannot stand here" not in error["message"]
    assert refused >= {"limit", "status", "points", "from", "to", "after", "since", "until", "format", "table", "units"}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("points=1", "points: must be a whole number of at least 2, not 1"),
        ("points=many", "points: must be a whole number, not 'many'"),
        ("since=nan", "since: must be a finite number, not 'nan'"),
        ("since=1e999", "since: must be a finite number, not '1e999'"),
        ("format=cvs", "format: must be 'json', 'csv' or 'parquet', not 'cvs'; the nearest is 'csv'"),
        ("summary=perhaps", "summary: must be true or false, not 'perhaps'"),
        ("point=3", "point: unknown parameter; the nearest is points; there is: summary, format, table, points, from"),
        ("colour=red", "colour: unknown parameter; there is: summary, format"),
    ],
)
def test_a_parameter_is_told_what_was_expected(client: httpx.Client, job_id: str, query: str, says: str) -> None:
    problem = assert_problem(client.get(f"/jobs/{job_id}/metrics?{query}"), 422, "invalid_query")
    assert says in str(problem["detail"])


def test_a_status_that_there_is_none_of_is_told_those_there_are(client: httpx.Client) -> None:
    problem = assert_problem(client.get("/jobs?status=runing"), 422, "invalid_query")
    assert str(problem["detail"]).endswith("or 'cancelled', not 'runing'; the nearest is 'running'")


def test_a_parameter_that_is_missing_is_asked_for(client: httpx.Client, experiment_id: str) -> None:
    problem = assert_problem(client.get(f"/experiments/{experiment_id}/compare"), 422, "invalid_query")
    assert problem["detail"] == "series: must be given"
