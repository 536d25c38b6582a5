"""The SDK against a real API on a socket; what became of jobs is recorded without training anything."""

import subprocess
import sys
from contextlib import closing
from typing import Any

import httpx
import numpy as np
import pytest

from bnlab import ApiError, Client
from jobs.lifecycle import clients
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Job
from jobs.series.format.schema import TRAIN
from jobs.series.read.selection import PAGE_ROWS
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.document import JobSpec
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database
from jobs.storage.objects.folder import Objects
from tests.support import recording

TEXT = '{"name": "one", "batch_norm": true, "training": {"steps": 7}}'


def test_fields_a_specification_plain_values_and_json_text_are_the_same_job(client: Client) -> None:
    spec = JobSpec.model_validate_json(TEXT)
    by_fields = client.submit(name="one", batch_norm=True, training={"steps": 7})
    others = [client.submit(document) for document in (spec, {**by_fields["spec"]}, TEXT, TEXT.encode())]
    assert by_fields["status"] == "queued"
    assert (by_fields["spec"]["name"], by_fields["spec"]["training"]["steps"]) == ("one", 7)
    assert [job["spec_sha256"] for job in others] == [by_fields["spec_sha256"]] * 4
    assert len(client.jobs()) == 5


def test_numbers_of_numpy_are_taken_as_the_numbers_that_they_are(client: Client) -> None:
    rate, steps, yes = np.float32(0.1), np.int64(7), np.True_
    shapes = {"preset": "mlp", "hidden": np.array([20, 10], dtype=np.int16)}
    by_numpy = {
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


def test_nothing_at_all_is_the_job_of_an_empty_document(client: Client) -> None:
    assert client.submit()["spec"] == client.submit({})["spec"] == client.submit("{}")["spec"]


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


def test_validate_shows_the_network_and_queues_nothing(client: Client) -> None:
    shown = client.validate(architecture="mlp", batch_norm=True)
    assert [layer["name"] for layer in shown["layers"] if layer["batch_norm"]] == ["hidden1", "hidden2", "hidden3"]
    assert shown["spec"]["training"]["steps"] == 10_000
    assert client.jobs() == []


def test_jobs_are_listed_newest_first_however_many_pages_that_takes(
    client: Client, database: Database, settings: Settings
) -> None:
    accepted = check(recording.DOCUMENT, in_catalogue(settings))
    made = {clients.submit(database, accepted).id for _ in range(105)}
    listed = [job["id"] for job in client.jobs(limit=1000)]
    assert listed == sorted(made, reverse=True)
    assert [job["id"] for job in client.jobs(limit=103)] == listed[:103]
    assert [job["id"] for job in client.jobs()] == listed[:20]


def test_only_jobs_of_a_status_are_listed(client: Client, finished: Job) -> None:
    queued = client.submit()["id"]
    assert [job["id"] for job in client.jobs(status="queued")] == [queued]
    assert [job["id"] for job in client.jobs(status="succeeded")] == [finished.id]
    assert client.jobs(status="failed") == []


def test_a_job_is_followed_until_it_has_ended(
    client: Client, database: Database, settings: Settings, running: Job
) -> None:
    seen = client.follow(running.id, poll=0.01)
    assert [next(seen)["status"], next(seen)["status"]] == ["running", "running"]
    recording.finish(database, settings, running)
    assert [job["status"] for job in seen] == ["succeeded"]


def test_wait_gives_the_job_once_it_has_ended(client: Client, finished: Job) -> None:
    job = client.wait(finished.id, timeout=0)
    assert (job["status"], job["progress"]["step"]) == ("succeeded", 200)


def test_wait_gives_up_in_time_and_the_job_goes_on(client: Client) -> None:
    job_id = client.submit()["id"]
    with pytest.raises(TimeoutError, match=f"job {job_id} is still queued after 0.05 seconds"):
        client.wait(job_id, timeout=0.05, poll=0.01)
    assert client.job(job_id)["status"] == "queued"


def test_a_job_is_asked_with_verbs_and_one_at_the_wrong_time_is_refused(client: Client) -> None:
    job_id = client.submit()["id"]
    found = [client.pause(job_id), client.resume(job_id), client.cancel(job_id), client.cancel(job_id)]
    assert [job["status"] for job in found] == ["paused", "queued", "cancelled", "cancelled"]
    with pytest.raises(ApiError) as refused:
        client.resume(job_id)
    assert (refused.value.status, refused.value.code) == (409, "not_allowed")
    assert client.retry(job_id)["parent"] == job_id
    client.delete(job_id)
    with pytest.raises(ApiError) as refused:
        client.job(job_id)
    assert (refused.value.status, refused.value.code) == (410, "gone")


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


def test_a_series_of_several_pages_comes_whole(
    client: Client, database: Database, settings: Settings, running: Job
) -> None:
    steps = PAGE_ROWS + 50
    writer = Writer(database, Objects(settings.data / "objects"), Hold(running.id, running.attempt))
    writer.append(TRAIN, recording.rows(range(1, steps + 1), ("loss",)))
    writer.commit(steps_per_second=400.0)
    answer = client.metrics(running.id)
    assert answer["train"]["step"] == list(range(1, steps + 1))
    assert len(answer["train"]["loss"]) == len(answer["train"]["time"]) == steps
    assert answer["next"] is None
    with closing(httpx.Client(base_url=client.url, trust_env=False)) as plain:  # else this test shows nothing
        assert plain.get(f"/jobs/{running.id}/metrics").json()["next"] == PAGE_ROWS + 1


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
