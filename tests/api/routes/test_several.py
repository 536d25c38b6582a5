"""Series of several jobs, over HTTP."""

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
import schemathesis

from api.app import create_app
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage.database import open_database
from tests.support import recorded_jobs
from tests.support.placeholders import put_files
from tests.support.serving import assert_problem, served


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One server for all of these: they only read."""
    data = tmp_path_factory.mktemp("data")
    put_files(data)
    return Settings(data=data, broker_url="memory://localhost", host="127.0.0.1")


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[httpx.Client]:
    with served(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def jobs(settings: Settings) -> list[Job]:
    """Two that have succeeded and one that has not begun to record."""
    with closing(open_database(settings)) as database:
        ended = [recorded_jobs.finish(database, settings, recorded_jobs.start(database, settings)) for _ in range(2)]
        return [*ended, recorded_jobs.start(database, settings)]


@pytest.fixture
def series(jobs: list[Job]) -> str:
    return f"/series?jobs={','.join(job.id for job in jobs)}&"


@pytest.fixture
def matrix(jobs: list[Job]) -> str:
    return f"/series?jobs={jobs[0].id}&form=matrix&"


def test_one_request_has_the_series_of_all_jobs(client: httpx.Client, jobs: list[Job], series: str) -> None:
    answer = client.get(f"{series}names=test.accuracy,activations.*.p50&points=10").json()
    assert (answer["columns"], answer["digits"], answer["gone"], answer["damaged"]) == (["value"], None, [], {})
    assert list(answer["jobs"]) == [job.id for job in jobs]
    job = answer["jobs"][jobs[0].id]
    assert (job["status"], job["attempt"], job["watermark"], job["sampled"]) == ("succeeded", 1, 200, True)
    assert job["bucket_width"] == 32
    assert list(job["tables"]) == ["test", "activations"]
    assert job["tables"]["test"]["step"] == [0, 100, 200]
    assert list(job["tables"]["activations"]) == [
        "step",
        *(f"activations.{layer}.p50" for layer in recorded_jobs.LAYERS),
    ]
    begun = answer["jobs"][jobs[2].id]
    assert (begun["status"], begun["watermark"], begun["tables"]["test"]) == (
        "running",
        None,
        {"step": [], "test.accuracy": []},
    )


def test_a_bucket_carries_the_columns_that_are_asked_for(client: httpx.Client, jobs: list[Job], series: str) -> None:
    answer = client.get(f"{series}names=train.loss&points=10&columns=min,max&time=true").json()
    table = answer["jobs"][jobs[0].id]["tables"]["train"]
    assert list(table) == ["step", "time", "train.loss.min", "train.loss.max"]
    one = client.get(f"/jobs/{jobs[0].id}/metrics?points=10").json()["train"]
    assert (table["train.loss.min"], table["time"]) == (one["loss.min"], one["time"])


def test_without_points_there_are_200_of_a_table_at_most(client: httpx.Client, jobs: list[Job]) -> None:
    parameters = client.get("/openapi.json").json()["paths"]["/series"]["get"]["parameters"]
    (points,) = (each["schema"]["default"] for each in parameters if each["name"] == "points")
    assert points == 200
    answer = client.get(f"/series?jobs={jobs[0].id}&names=train.loss").json()
    assert len(answer["jobs"][jobs[0].id]["tables"]["train"]["step"]) == 200


def test_a_matrix_has_a_row_a_layer(client: httpx.Client, jobs: list[Job], matrix: str) -> None:
    answer = client.get(f"{matrix}names=activations.*.p50&points=10&digits=2").json()
    assert list(answer) == [
        *("job", "status", "attempt", "complete", "watermark", "sampled", "bucket_width", "column", "digits"),
        *("step", "names", "layers", "values", "nonfinite"),
    ]
    assert (answer["job"], answer["layers"]) == (jobs[0].id, ["hidden1", "hidden2", "hidden3"])
    assert [len(row) for row in answer["values"]] == [len(answer["step"])] * 3
    assert answer["values"][0][0] == 0.25  # 1 / (1 + 2 + 1)


@pytest.mark.parametrize(
    "query",
    [
        "names=train.*,test.loss",
        "names=*.loss&points=5&columns=value,min,max,mean&time=true",
        "names=train.loss&digits=3",
    ],
)
def test_the_answer_is_what_the_document_says(client: httpx.Client, series: str, matrix: str, query: str) -> None:
    operation = schemathesis.openapi.from_dict(client.get("/openapi.json").json())["/series"]["get"]
    for url in (f"{series}{query}", f"{matrix}names=train.*&points=5&time=true"):
        answer = client.get(url).raise_for_status()
        operation.validate_response(schemathesis.Response.from_httpx(answer, verify=True))


BAD = [
    ("names=train.loss&points=1", "points", "points: must be a whole number of at least 2, not 1"),
    ("names=train.loss&columns=median", "columns", "'median' matches nothing; there is: value, min, max, mean"),
    ("names=train.loss&columns=,", "columns", "there is: value, min, max, mean"),
    ("names=train.loss&digits=7", "digits", "must be a whole number of at most 6, not 7"),
    ("names=train.loss&from=9&to=8", "from", "9 is past to=8"),
    ("names=train.loss&after=201", "after", "201 is no watermark"),
    ("names=train.nonesuch", "names", "'train.nonesuch' matches nothing"),
    ("names=test.acuracy", "names", "the nearest is test.accuracy"),
    ("names=train.x*", "names", "'train.x*' matches nothing"),
    ("names=", "names", "names no series"),
    ("points=3", "names", "must be given"),
    ("names=train.loss&form=matrix", "jobs", "3 jobs; a matrix is of one"),
]


@pytest.mark.parametrize(("query", "parameter", "says"), BAD, ids=[query for query, _, _ in BAD])
def test_a_query_that_makes_no_sense_names_the_parameter(
    client: httpx.Client, series: str, query: str, parameter: str, says: str
) -> None:
    answer = client.get(f"{series}{query}")
    assert says in str(assert_problem(answer, 422, "invalid_query")["detail"])
    assert answer.json()["errors"][0]["parameter"] == parameter


def test_jobs_that_are_not_there_are_not_found(client: httpx.Client, series: str) -> None:
    assert_problem(client.get("/series?jobs=nobody&names=train.loss"), 404, "not_found")
    answer = client.get(f"{series.removesuffix('&')},nobody&names=train.loss")
    assert assert_problem(answer, 404, "not_found")["detail"] == "there is no job 'nobody'"
