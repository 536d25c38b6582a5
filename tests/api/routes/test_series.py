"""What a job has recorded, over HTTP."""

import csv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO, StringIO

import httpx
import numpy as np
import pyarrow.parquet as pq
import pytest
import schemathesis

from api.app import create_app
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage import keys
from jobs.storage.database import open_database
from jobs.storage.objects.opening import open_objects
from tests.support import recorded_jobs
from tests.support.disk import change
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
def finished(settings: Settings) -> Job:
    with closing(open_database(settings)) as database:
        return recorded_jobs.finish(database, settings, recorded_jobs.start(database, settings))


@pytest.fixture
def metrics(finished: Job) -> str:
    return f"/jobs/{finished.id}/metrics"


@pytest.fixture
def activations(finished: Job) -> str:
    return f"/jobs/{finished.id}/activations"


def test_every_step_comes_whole_and_exact(client: httpx.Client, finished: Job, metrics: str) -> None:
    answer = client.get(metrics).json()
    assert (answer["job"], answer["status"], answer["attempt"]) == (finished.id, "succeeded", 1)
    assert (answer["complete"], answer["sampled"], answer["next"], answer["watermark"]) == (True, False, None, 200)
    assert answer["train"]["step"] == list(range(1, 201))
    expected = (1 / (np.arange(1, 201) + 2)).astype(np.float32)
    assert np.array_equal(np.array(answer["train"]["accuracy"], np.float32), expected)
    assert answer["test"]["step"] == [0, 100, 200]
    assert list(answer["train"]) == ["step", "time", "loss", "accuracy", "learning_rate", "gradient_norm"]


def test_a_loss_that_is_not_a_number_is_null_and_named(client: httpx.Client, metrics: str) -> None:
    answer = client.get(metrics).json()
    assert answer["train"]["loss"][9] is None
    assert answer["nonfinite"] == {"train.loss": [[10, 10, "NaN"]]}


def test_a_job_that_has_recorded_nothing_has_empty_columns(client: httpx.Client) -> None:
    job = client.post("/jobs", json={}).json()["id"]
    answer = client.get(f"/jobs/{job}/metrics").json()
    assert (answer["complete"], answer["watermark"], answer["train"]["loss"]) == (False, None, [])
    assert client.get(f"/jobs/{job}/activations").json()["layers"] == {}


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        ("from=150", range(150, 201)),
        ("to=3", range(1, 4)),
        ("from=5&to=5", range(5, 6)),
        ("after=198", range(199, 201)),
        ("after=200", range(0)),
        ("from=10&to=20&points=100", range(10, 21)),
    ],
)
def test_the_range_is_cut(client: httpx.Client, metrics: str, query: str, steps: range) -> None:
    assert client.get(f"{metrics}?{query}").json()["train"]["step"] == list(steps)


def test_fewer_points_are_buckets_that_say_so(client: httpx.Client, metrics: str) -> None:
    answer = client.get(f"{metrics}?points=10").json()
    assert answer["sampled"] is True
    assert answer["bucket_width"] == 32
    assert answer["train"]["step"] == [1, 31, 63, 95, 127, 159, 191, 200]
    assert {"loss", "loss.min", "loss.max", "loss.mean"} <= answer["train"].keys()


@pytest.mark.parametrize("table", ["train", "test"])
def test_csv_has_the_numbers_of_the_json(client: httpx.Client, metrics: str, table: str) -> None:
    answer = client.get(f"{metrics}?format=csv&table={table}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(answer.text)))
    expected = client.get(metrics).json()[table]
    assert list(rows[0]) == list(expected)
    assert [float(row["accuracy"]) for row in rows] == expected["accuracy"]


def test_csv_is_of_training_unless_it_says_otherwise(client: httpx.Client, metrics: str) -> None:
    assert client.get(f"{metrics}?format=csv").text == client.get(f"{metrics}?format=csv&table=train").text


def test_the_inside_comes_by_layer_and_statistic(client: httpx.Client, activations: str) -> None:
    answer = client.get(activations).json()
    assert answer["step"] == list(range(1, 201))
    assert {layer: list(columns) for layer, columns in answer["layers"].items()} == {
        "hidden1": ["mean", "std", "p50"],
        "hidden2": ["mean", "std", "p50"],
        "hidden3": ["mean", "std", "p50"],
    }
    assert answer["sample"] == {"hidden1": 858, "hidden2": 858, "hidden3": 858}
    assert "units" not in answer
    assert "histograms" not in answer


def test_layers_and_statistics_are_chosen_by_name(client: httpx.Client, activations: str) -> None:
    answer = client.get(f"{activations}?layer=hidden1&layer=hidden3&statistic=mean&statistic=p50").json()
    assert {layer: list(columns) for layer, columns in answer["layers"].items()} == {
        "hidden1": ["mean", "p50"],
        "hidden3": ["mean", "p50"],
    }


def test_units_and_histograms_come_when_asked_for(client: httpx.Client, activations: str) -> None:
    answer = client.get(f"{activations}?units=true&histograms=true").json()
    assert answer["units"]["step"] == [50, 100, 150, 200]
    assert list(answer["units"]["hidden3"]["50"]) == ["p15", "p50", "p85"]
    assert answer["histograms"]["step"] == [100, 200]
    assert answer["histograms"]["hidden1"]["counts"] == [[1] * 64] * 2


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("activations", ["step", "time", "hidden3.mean", "hidden3.std", "hidden3.p50"]),
        ("units", ["step", "time", "hidden3.50.p15", "hidden3.50.p50", "hidden3.50.p85"]),
        ("histograms", ["step", "time"]),
    ],
)
def test_csv_has_one_table_of_the_inside(
    client: httpx.Client, activations: str, table: str, columns: list[str]
) -> None:
    text = client.get(f"{activations}?format=csv&table={table}&layer=hidden3").text
    assert text.splitlines()[0].split(",") == columns


def test_many_read_at_once(client: httpx.Client, metrics: str, activations: str) -> None:
    with ThreadPoolExecutor(24) as threads:
        answers = list(threads.map(client.get, [metrics, activations, f"{metrics}?format=csv", "/jobs"] * 24))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers[::4]}) == 1


BAD_QUERIES = [
    ("metrics", "from=5&to=4", "from"),
    ("metrics", "from=five", "from"),
    ("metrics", "from=-1", "from"),
    ("metrics", "points=1", "points"),
    ("metrics", "points=1000000000", "points"),
    ("metrics", "after=99999999999999999999999999", "after"),
    ("metrics", "after=201", "after"),
    ("activations", "after=201&format=csv", "after"),
    ("metrics", "format=xml", "format"),
    ("metrics", "table=test", "table"),
    ("metrics", "format=csv&table=units", "table"),
    ("metrics", "layer=hidden1", "layer"),
    ("metrics", "from=1&from=2", "from"),
    ("activations", "layer=hidden9", "layer"),
    ("activations", "statistic=kurtosis", "statistic"),
    ("activations", "units=perhaps", "units"),
    ("activations", "units=true&format=csv", "units"),
    ("activations", "histograms=true&format=csv", "histograms"),
    ("activations", "table=units", "table"),
    ("activations", "format=csv&table=units&statistic=mean", "statistic"),
    ("activations", "format=csv&layer=hidden9", "layer"),
]


@pytest.mark.parametrize(("what", "query", "parameter"), BAD_QUERIES, ids=[f"{w}?{q}" for w, q, _ in BAD_QUERIES])
def test_a_query_that_makes_no_sense_names_the_parameter(
    client: httpx.Client, finished: Job, what: str, query: str, parameter: str
) -> None:
    answer = client.get(f"/jobs/{finished.id}/{what}?{query}")
    assert_problem(answer, 422, "invalid_query")
    assert answer.json()["errors"][0]["parameter"] == parameter


def test_what_a_name_could_have_matched_is_listed(client: httpx.Client, activations: str) -> None:
    detail = client.get(f"{activations}?layer=hidden9").json()["detail"]
    assert detail == "layer: 'hidden9' matches nothing; there is: hidden1, hidden2, hidden3"


def test_bytes_that_changed_on_disk_are_not_served(client: httpx.Client, settings: Settings) -> None:
    with closing(open_database(settings)) as database:
        job = recorded_jobs.finish(database, settings, recorded_jobs.start(database, settings))
    key = keys.of_chunk(job.id, 1, "train", 1, 200)
    change(open_objects(settings), key, lambda data: data[:-1] + b"!")
    for query in ("", "?format=csv"):
        answer = client.get(f"/jobs/{job.id}/metrics{query}")
        assert key in str(assert_problem(answer, 500, "damaged_object")["detail"])


def test_a_summary_has_each_series_in_a_line(client: httpx.Client, metrics: str, activations: str) -> None:
    answer = client.get(f"{metrics}?summary=true").json()
    assert (answer["status"], answer["complete"], answer["watermark"]) == ("succeeded", True, 200)
    assert answer["summary"]["train"]["loss"] == {
        "count": 200,
        "first": {"step": 1, "value": 0.5},
        "last": {"step": 200, "value": 0.0049751243},
        "min": {"step": 200, "value": 0.0049751243},
        "max": {"step": 1, "value": 0.5},
        "nonfinite": 1,
    }
    assert list(answer["summary"]["test"]) == ["loss", "accuracy"]
    inside = client.get(f"{activations}?summary=true&histograms=true").json()["summary"]
    assert list(inside["histograms"]) == ["hidden1.lo", "hidden1.hi"]
    assert inside["activations"]["hidden3.p50"]["count"] == 200


@pytest.mark.parametrize("what", ["metrics", "activations", "diagnostics"])
def test_a_summary_is_what_the_document_says(client: httpx.Client, finished: Job, what: str) -> None:
    path = "/jobs/{job_id}/" + what
    document = client.get("/openapi.json").json()
    operation = schemathesis.openapi.from_dict(document)[path]["get"]
    for query in ({}, {"summary": "true"}):
        answer = client.get(path.format(job_id=finished.id), params=query)
        operation.validate_response(schemathesis.Response.from_httpx(answer, verify=True))


@pytest.mark.parametrize("query", ["points=10", "from=3", "until=4", "format=csv", "table=train"])
def test_a_summary_is_of_all_there_is(client: httpx.Client, metrics: str, query: str) -> None:
    answer = client.get(f"{metrics}?summary=true&{query}")
    assert_problem(answer, 422, "invalid_query")
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


def test_an_answer_is_compressed_for_who_asks(client: httpx.Client, metrics: str) -> None:
    plain = client.get(metrics, headers={"Accept-Encoding": "identity"})
    small = client.get(metrics, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert small.json() == plain.json()


def test_a_range_may_be_of_times(client: httpx.Client, metrics: str) -> None:
    # recorded_jobs.rows has 400 steps a second, from 1.7e9 on.
    answer = client.get(f"{metrics}?since={1.7e9 + 0.25}&until={1.7e9 + 0.255}").json()
    assert answer["train"]["step"] == [100, 101, 102]
    assert answer["test"]["step"] == [100]
    assert client.get(f"{metrics}?since=1&until=2").json()["train"]["step"] == []
    assert_problem(client.get(f"{metrics}?since=2&until=1"), 422, "invalid_query")


def test_parquet_has_the_numbers_of_the_json(client: httpx.Client, metrics: str, activations: str) -> None:
    answer = client.get(f"{metrics}?format=parquet")
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    table = pq.read_table(BytesIO(answer.content))
    expected = client.get(metrics).json()["train"]
    assert table.column_names == list(expected)
    assert table["accuracy"].to_pylist() == [np.float32(value) for value in expected["accuracy"]]
    histograms = pq.read_table(BytesIO(client.get(f"{activations}?format=parquet&table=histograms").content))
    assert [sum(row) for row in histograms["hidden1.counts"].to_pylist()] == [64, 64]
