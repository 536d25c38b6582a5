"""What becomes of documents, parameters and ids on their way to a server."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from bnlab import ApiError, Client
from bnlab.sdk.requests import body_of, experiment_path, job_path, table_path
from jobs.lifecycle.job import Job
from jobs.spec.document import JobSpec

TEXT = '{"name": "one", "batch_norm": true, "training": {"steps": 7}}'


def test_numbers_of_numpy_are_taken_as_the_numbers_that_they_are(client: Client) -> None:
    rate, steps, yes = np.float32(0.1), np.int64(7), np.True_
    shapes = {"preset": "mlp", "hidden": np.array([20, 10], dtype=np.int16)}
    by_numpy: dict[str, Any] = {
        "batch_norm": yes,
        "architecture": shapes,
        "training": {"steps": steps, "optimizer": {"learning_rate": rate}},
    }
    by_python = {
        "batch_norm": True,
        "architecture": {"preset": "mlp", "hidden": [20, 10]},
        "training": {"steps": 7, "optimizer": {"learning_rate": float(rate)}},
    }
    assert client.submit(by_numpy)["spec"] == client.submit(**by_numpy)["spec"] == client.submit(by_python)["spec"]
    grid = {"/training/optimizer/learning_rate": np.array([0.1, 0.2])}
    experiment = client.submit_experiment(
        base=JobSpec.model_validate(by_python), variants={"a": {}}, grid=grid, seeds=np.uint8(2)
    )
    assert len(experiment["jobs"]) == 4
    assert len(client.add_seeds(experiment["id"], np.int64(1))["jobs"]) == 6  # type: ignore[arg-type]  # as callers do


def test_parameters_of_numpy_are_taken_too(client: Client, finished: Job) -> None:
    layers, yes, two = np.array(["hidden1", "hidden3"]), np.True_, np.int64(2)
    answer = client.activations(finished.id, layers=layers, units=yes, start=two, stop=two)  # type: ignore[arg-type]
    assert (answer["step"], list(answer["layers"]), "units" in answer) == ([2], ["hidden1", "hidden3"], True)
    assert len(client.jobs(limit=np.int32(1))) == 1  # type: ignore[arg-type]  # as callers do


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"training": {"optimizer": {"learning_rate": float("nan")}}}, "/training/optimizer/learning_rate"),
        ({"training": {"optimizer": {"learning_rate": np.float32("inf")}}}, "/training/optimizer/learning_rate"),
        ({"metadata": {"a/b": [1, np.array([0.0, -np.inf])]}}, "/metadata/a~1b/1/1"),
        ({"metadata": {"at": np.datetime64("2020-01-01")}}, "/metadata/at"),
        ({"metadata": {"values": {1, 2}}}, "/metadata/values"),
        ({"metadata": {"value": np.longdouble(1)}}, "/metadata/value"),
        ({"metadata": {"value": 1j}}, "/metadata/value"),
        ({"metadata": {"value": b"one"}}, "/metadata/value"),
        ({"metadata": {1: "one"}}, "/metadata/1"),
    ],
)
def test_what_json_cannot_say_is_an_error_that_names_the_place_and_nothing_is_sent(
    client: Client, document: dict[str, Any], place: str
) -> None:
    for send in (client.submit, client.validate, client.submit_experiment):
        with pytest.raises(TypeError, match=f"^{place}: "):
            send(document)
        with pytest.raises(TypeError, match=f"^{place}: "):
            send(**document)
    assert client.jobs() == []


def test_the_client_takes_numbers_of_numpy_without_loading_it() -> None:
    shown = "import bnlab, sys; print('numpy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


@pytest.mark.parametrize("document", [TEXT, {}, JobSpec(), b""])
def test_a_document_and_fields_together_are_refused_before_anything_is_sent(client: Client, document: str) -> None:
    for send in (client.submit, client.validate):
        with pytest.raises(TypeError, match="not both"):
            send(document, batch_norm=True)
    assert client.jobs() == []


def test_a_text_is_sent_as_it_is_so_that_nothing_of_it_is_lost(client: Client) -> None:
    twice = '{"training": {"steps": 10}, "training": {"seed": 1}}'
    for text in (twice, twice.encode()):
        with pytest.raises(ApiError) as refused:
            client.submit(text)
        assert [error["pointer"] for error in refused.value.errors] == ["/training"]
    marked = client.submit(b"\xef\xbb\xbf" + TEXT.encode())
    assert marked["spec"] == client.submit(TEXT)["spec"]


@pytest.mark.parametrize("job_id", ["nonesuch", "../healthz", "a/../../healthz", "?limit=1", "é #"])
def test_whatever_is_not_a_job_is_not_found(client: Client, job_id: str) -> None:
    for ask in (client.job, client.cancel, client.metrics, client.activations):
        with pytest.raises(ApiError) as refused:
            ask(job_id)
        assert (refused.value.status, refused.value.code, refused.value.errors) == (404, "not_found", ())


def test_a_model_of_pydantics_is_the_document_that_it_dumps() -> None:
    class Mine(BaseModel):
        steps: int
        folder: Path

    assert json.loads(body_of(Mine(steps=7, folder=Path("one")), {})) == {"steps": 7, "folder": "one"}
    assert json.loads(body_of(None, {"training": Mine(steps=7, folder=Path("one"))})) == {
        "training": {"steps": 7, "folder": "one"}
    }


def test_a_table_is_under_the_route_that_has_it() -> None:
    found = {
        table: table_path("a/b", table) for table in ("train", "validation", "test", "units", "histograms", "rank")
    }
    assert found == {
        "train": "/jobs/a%2Fb/metrics",
        "validation": "/jobs/a%2Fb/metrics",
        "test": "/jobs/a%2Fb/metrics",
        "units": "/jobs/a%2Fb/activations",
        "histograms": "/jobs/a%2Fb/activations",
        "rank": "/jobs/a%2Fb/diagnostics",
    }


def test_an_id_is_one_part_of_a_path_whatever_is_typed() -> None:
    assert job_path("../healthz?a=1") == "/jobs/..%2Fhealthz%3Fa%3D1"
    assert experiment_path("\udcff") == "/experiments/%FF"
