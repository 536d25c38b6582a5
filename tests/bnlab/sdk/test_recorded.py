"""What the SDK fetches of what jobs have recorded, against a real API."""

from contextlib import closing

import httpx
import pytest

from bnlab import ApiError, Client
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support import recorded_jobs


def test_series_of_several_jobs_come_in_one_answer(
    client: Client, database: Database, settings: Settings, finished: Job
) -> None:
    other = recorded_jobs.finish(database, settings, recorded_jobs.start(database, settings))
    ids = [finished.id, other.id]
    answer = client.series(ids, ["test.loss", "activations.hidden*.std"], points=10, columns=("value", "max"), start=5)
    assert list(answer["jobs"]) == ids
    inside = client.activations(other.id, statistics=["std"], points=10, start=5)
    table = answer["jobs"][other.id]["tables"]["activations"]
    assert table["step"] == inside["step"]
    assert table["activations.hidden2.std.max"] == inside["layers"]["hidden2"]["std.max"]
    assert "time" in client.series(ids, ["train.loss"], time=True, after=190)["jobs"][other.id]["tables"]["train"]


def test_a_matrix_has_a_row_for_each_layer(client: Client, finished: Job) -> None:
    answer = client.matrix(finished.id, ["activations.*.std"], points=10, column="mean", digits=3, stop=100)
    inside = client.activations(finished.id, statistics=["std"], points=10, stop=100)
    assert (answer["layers"], answer["step"]) == (["hidden1", "hidden2", "hidden3"], inside["step"])
    for layer, row in zip(answer["layers"], answer["values"], strict=True):
        assert row == pytest.approx(inside["layers"][layer]["std.mean"], rel=5.1e-3)
    with pytest.raises(ApiError) as refused:
        client.matrix(finished.id, ["*.loss"])
    assert refused.value.code == "invalid_query"


def test_metrics_have_every_step_a_part_or_fewer_points(client: Client, finished: Job) -> None:
    whole = client.metrics(finished.id)
    assert (whole["complete"], whole["sampled"], whole["next"]) == (True, False, None)
    assert whole["train"]["step"] == list(range(1, 201))
    assert whole["test"]["step"] == [0, 100, 200]
    assert whole["train"]["loss"][8:11] == [pytest.approx(1 / 10), None, pytest.approx(1 / 12)]
    assert client.metrics(finished.id, start=5, stop=9)["train"]["step"] == [5, 6, 7, 8, 9]
    assert client.metrics(finished.id, after=198)["train"]["step"] == [199, 200]
    assert client.metrics(finished.id, after=whole["watermark"])["train"]["loss"] == []
    thinned = client.metrics(finished.id, points=10)
    assert thinned["sampled"] is True
    assert 2 <= len(thinned["train"]["loss.mean"]) <= 10


def test_activations_come_by_layer_and_on_request_with_units_and_histograms(client: Client, finished: Job) -> None:
    chosen = client.activations(finished.id, layers=["hidden1", "hidden3"], statistics=["p50"], stop=3)
    assert chosen["step"] == [1, 2, 3]
    assert {layer: list(columns) for layer, columns in chosen["layers"].items()} == {
        "hidden1": ["p50"],
        "hidden3": ["p50"],
    }
    assert not {"units", "histograms"} & chosen.keys()
    everything = client.activations(finished.id, units=True, histograms=True)
    assert list(everything["layers"]) == ["hidden1", "hidden2", "hidden3"]
    assert list(everything["units"]["hidden3"]["50"]) == ["p15", "p50", "p85"]
    assert [len(counts) for counts in everything["histograms"]["hidden1"]["counts"]] == [64, 64]


def test_csv_is_the_text_that_the_server_writes(client: Client, finished: Job) -> None:
    with closing(httpx.Client(base_url=f"{client.url}/jobs/{finished.id}/", trust_env=False)) as plain:
        for table in ("train", "test"):
            text = "".join(client.metrics_csv(finished.id, table))
            assert text == plain.get("metrics", params={"format": "csv", "table": table}).text
    assert "".join(client.metrics_csv(finished.id)).startswith("step,time,loss,accuracy")
    assert len("".join(client.metrics_csv(finished.id, start=3, stop=4)).splitlines()) == 3


def test_a_refused_query_names_its_parameter(client: Client, finished: Job) -> None:
    with pytest.raises(ApiError) as refused:
        client.metrics(finished.id, points=1)
    assert (refused.value.status, refused.value.code) == (422, "invalid_query")
    assert [field["parameter"] for field in refused.value.errors] == ["points"]
    with pytest.raises(ApiError, match="table: "):
        list(client.metrics_csv(finished.id, "nonesuch"))
