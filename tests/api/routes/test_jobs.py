"""Submitting, validating, looking at, listing and cancelling jobs."""

from contextlib import closing
from datetime import UTC, datetime

import httpx
import pytest

from jobs.datasets.catalogue import CATALOGUE
from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended, Job, JobError
from jobs.lifecycle.printed import printed
from jobs.lifecycle.scores import Score
from jobs.settings import Settings
from jobs.spec.document import JobSpec
from jobs.storage.database import Database
from jobs.wake import make_app
from tests.support.running_jobs import AS_STORED
from tests.support.serving import assert_problem

BATCH_NORM = {"architecture": "mlp", "batch_norm": True}


def test_what_an_attempts_process_printed_is_shown_with_it(
    client: httpx.Client, database: Database, running: Job
) -> None:
    def output() -> str | None:
        (attempt,) = client.get(f"/jobs/{running.id}").json()["attempts"]
        return attempt["output"]  # type: ignore[no-any-return]  # JSON

    hold = Hold(running.id, running.attempt)
    assert output() is None
    attempts.beat(database, hold, printed(b"while it runs", 13, 0))
    attempts.beat(database, hold)
    assert output() == "while it runs"
    attempts.end(database, hold, Ended("lost", reason="its worker is gone"))
    assert output() == "while it runs"


def test_a_short_document_is_answered_with_the_whole_job(client: httpx.Client) -> None:
    answer = client.post("/jobs", json=BATCH_NORM)
    job = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"jobs/{job['id']}"
    assert job["status"] == "queued"
    assert job["progress"] == {
        "step": 0,
        "steps": 10_000,
        "fraction": 0.0,
        "steps_per_second": None,
        "eta_seconds": None,
    }
    assert job["waiting_for"] == "worker: none is running"
    assert job["allowed_actions"] == ["cancel", "pause"]
    assert job["attempts"] == []
    assert job["warnings"] == []
    assert client.get(answer.headers["location"]).json() == job


def test_every_default_of_the_answer_is_that_of_the_specification(client: httpx.Client) -> None:
    expected = JobSpec.model_validate({}).model_dump(mode="json")
    expected["training"]["steps"], expected["evaluation"]["every"] = 10_000, 500
    expected["recording"]["probe_size"] = 1000
    sha256 = CATALOGUE["mnist"].dataset.sha256
    expected["data"] |= {"sha256": sha256, "binarize": True, "normalize": "none"}
    assert client.post("/jobs", json={}).json()["spec"] == expected


def test_the_specification_of_an_answer_can_be_posted_again(client: httpx.Client) -> None:
    job = client.post("/jobs", json=BATCH_NORM | {"training": {"epochs": 2}}).json()
    again = client.post("/jobs", json=job["spec"]).json()
    assert again["spec"] == job["spec"]
    assert again["spec_sha256"] == job["spec_sha256"]
    assert again["id"] != job["id"]


def test_a_submitted_job_wakes_the_workers(settings: Settings, client: httpx.Client) -> None:
    celery = make_app(settings)
    with (
        closing(celery),
        celery.connection_for_read() as connection,
        closing(connection.SimpleQueue("bnlab")) as queue,
    ):
        queue.clear()
        job = client.post("/jobs", json={}).json()
        message = queue.get(timeout=30)
        message.ack()
        assert message.payload[0] == [job["id"]]


def test_validation_shows_the_network_and_queues_nothing(client: httpx.Client) -> None:
    document = {"architecture": {"preset": "convnet", "channels": [8]}, "batch_norm": True}
    answer = client.post("/jobs/validate", json=document)
    network = answer.json()
    assert answer.status_code == 200
    assert [layer["name"] for layer in network["layers"]] == ["conv1", "pool1", "flatten", "hidden1", "output"]
    assert network["layers"][0] == {
        "name": "conv1",
        "kind": "conv2d",
        "input": [1, 28, 28],
        "output": [8, 28, 28],
        "activation": "relu",
        "batch_norm": True,
        "noise_floor": {
            "mean_gap": pytest.approx(0.0108567, rel=1e-4),
            "variance_ratio": pytest.approx(0.0153539, rel=1e-4),
        },
        "bias": False,
        "parameters": 8 * 9 + 2 * 8,
        "multiply_adds": 8 * 9 * 28 * 28,
    }
    assert [layer["noise_floor"] is None for layer in network["layers"]] == [False, True, True, False, True]
    assert network["parameters"] == sum(layer["parameters"] for layer in network["layers"])
    assert network["multiply_adds"] == sum(layer["multiply_adds"] for layer in network["layers"])
    assert [tap["layer"] for tap in network["taps"]] == ["conv1", "hidden1"]
    assert 900 < network["taps"][0]["sample"] <= 1024
    assert network["spec"]["batch_norm"]["running_decay"] == 0.9
    assert client.get("/jobs").json() == {"jobs": [], "next": None}


def test_validation_and_submission_agree(client: httpx.Client) -> None:
    validated = client.post("/jobs/validate", json=BATCH_NORM).json()
    job = client.post("/jobs", json=BATCH_NORM).json()
    shared = ("spec", "spec_sha256", "warnings", "block_steps")
    assert {name: job[name] for name in shared} == {name: validated[name] for name in shared}


def test_a_running_job_shows_how_far_it_is(client: httpx.Client, database: Database, running: Job) -> None:
    hold = Hold(running.id, running.attempt)
    attempts.record_start(database, hold, "cpu", {"torch": "2.13.0"}, AS_STORED)
    attempts.record_progress(database, hold, 50, 300.0, {"train.loss": Score(0.5, 0.25, 40), "test.loss": Score(None)})
    job = client.get(f"/jobs/{running.id}").json()
    assert job["status"] == "running"
    assert job["progress"] == {
        "step": 50,
        "steps": 200,
        "fraction": 0.25,
        "steps_per_second": 300.0,
        "eta_seconds": 0.5,
    }
    assert job["latest"] == {"train.loss": 0.5, "test.loss": None}
    assert job["best"] == {"train.loss": {"value": 0.25, "step": 40}}
    assert job["steps_per_epoch"] == 10_000 // 60 + 1
    assert (job["device"], job["environment"]) == ("cpu", {"torch": "2.13.0"})
    assert [(attempt["number"], attempt["worker"], attempt["outcome"]) for attempt in job["attempts"]] == [
        (1, "w1", None)
    ]


def test_times_are_rfc_3339_in_utc(client: httpx.Client, finished: Job) -> None:
    job = client.get(f"/jobs/{finished.id}").json()
    for time, seconds in ((job["created"], finished.created), (job["finished"], finished.finished)):
        assert time.endswith("Z")
        assert datetime.fromisoformat(time) == datetime.fromtimestamp(seconds or 0.0, UTC)


def test_a_failed_job_says_why(client: httpx.Client, database: Database, running: Job) -> None:
    error = JobError("non_finite_loss", "the loss at step 7 is not a finite number")
    attempts.end(database, Hold(running.id, running.attempt), Ended("failed", error))
    job = client.get(f"/jobs/{running.id}").json()
    assert job["status"] == "failed"
    assert job["error"] == {"code": error.code, "message": error.message, "retryable": False}
    assert job["allowed_actions"] == ["retry", "delete"]
    assert job["attempts"][0]["outcome"] == "failed"


def test_a_queued_job_is_cancelled_at_once(client: httpx.Client) -> None:
    job = client.post("/jobs", json={}).json()
    answer = client.post(f"/jobs/{job['id']}/cancel")
    assert answer.status_code == 202
    assert answer.json()["status"] == "cancelled"
    assert answer.json()["finished"] is not None


def test_a_running_job_is_asked_to_stop(client: httpx.Client, database: Database, running: Job) -> None:
    answer = client.post(f"/jobs/{running.id}/cancel")
    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["requested"]) == ("running", "cancel")
    assert attempts.requested(database, Hold(running.id, running.attempt)) == "cancel"


def test_a_job_that_has_ended_cannot_be_cancelled(client: httpx.Client, finished: Job) -> None:
    problem = assert_problem(client.post(f"/jobs/{finished.id}/cancel"), 409, "not_allowed")
    assert problem["detail"] == f"job {finished.id} cannot be cancelled: it is succeeded; allowed now: delete"


@pytest.mark.parametrize("path", ["", "/metrics", "/activations", "/metrics?format=csv"])
def test_a_job_that_does_not_exist_is_not_found(client: httpx.Client, path: str) -> None:
    assert "'nobody'" in str(assert_problem(client.get(f"/jobs/nobody{path}"), 404, "not_found")["detail"])


def test_nobody_can_cancel_a_job_that_does_not_exist(client: httpx.Client) -> None:
    assert_problem(client.post("/jobs/nobody/cancel"), 404, "not_found")


def test_a_job_is_paused_resumed_retried_and_deleted(client: httpx.Client) -> None:
    path = f"/jobs/{client.post('/jobs', json={}).json()['id']}"
    for verb, status in (("pause", "paused"), ("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        answer = client.post(f"{path}/{verb}")
        assert (answer.status_code, answer.json()["status"]) == (202, status)
    problem = assert_problem(client.post(f"{path}/resume"), 409, "not_allowed")
    assert "it is cancelled; allowed now: retry, delete" in str(problem["detail"])
    child = client.post(f"{path}/retry").json()
    assert (child["status"], f"/jobs/{child['parent']}") == ("queued", path)
    assert client.post(f"{path}/retry?from=scratch").json()["id"] == child["id"]
    assert_problem(client.post(f"{path}/retry?from=moon"), 422, "invalid_query")
    assert client.delete(path).status_code == 204
    for method, gone in (("GET", path), ("DELETE", path), ("GET", f"{path}/metrics"), ("POST", f"{path}/pause")):
        assert_problem(client.request(method, gone), 410, "gone")
    assert_problem(client.delete("/jobs/nobody"), 404, "not_found")


def test_jobs_and_experiments_can_be_listed_by_a_part_of_their_ids(client: httpx.Client) -> None:
    ids = [client.post("/jobs", json={}).json()["id"] for _ in range(3)]
    experiment = client.post("/experiments", json={"variants": {"a": {}}}).json()

    def listed(kind: str, part: str) -> list[str]:
        return [each["id"] for each in client.get(f"/{kind}", params={"id": part}).json()[kind]]

    assert set(ids) <= set(listed("jobs", ids[0][:3])) == {*ids, experiment["jobs"][0]["id"]}
    for job_id in ids:
        assert job_id in listed("jobs", job_id[-4:])
        assert listed("jobs", job_id) == [job_id]
    assert listed("experiments", experiment["id"][-5:]) == [experiment["id"]]
    assert listed("experiments", experiment["id"][:3]) == [experiment["id"]]
    assert listed("jobs", ids[0][1:6] + "zzzz") == []


@pytest.mark.parametrize("part", ["", "ab", "A" * 4, "%%%", "___", "ilou", "1" * 14, "1m8\n"])
def test_what_is_no_part_of_an_id_is_refused(client: httpx.Client, part: str) -> None:
    for path in ("/jobs", "/experiments"):
        assert_problem(client.get(path, params={"id": part}), 422, "invalid_query")


def test_a_job_like_another_is_its_document_with_a_patch_over_it(client: httpx.Client) -> None:
    first = client.post("/jobs", json={"name": "one", "batch_norm": True, "training": {"steps": 7}}).json()
    patch = {"training": {"epochs": 1}, "name": None}
    made = client.post("/jobs", params={"like": first["id"]}, json=patch).json()
    assert (made["spec"]["training"]["steps"], made["spec"]["name"]) == (1000, None)
    assert made["spec"]["batch_norm"] == first["spec"]["batch_norm"]
    laid_out = client.post("/jobs/validate", params={"like": first["id"]}, json=patch).json()
    assert laid_out["spec_sha256"] == made["spec_sha256"]
    assert_problem(client.post("/jobs", params={"like": "0" * 13}, json={}), 404, "not_found")
    for body in ("[]", "null", '{"training": 1}', '{"surprise": 1}', ""):
        refused = client.post(
            "/jobs", params={"like": first["id"]}, content=body, headers={"Content-Type": "application/json"}
        )
        assert_problem(refused, 422, "invalid_spec")


def test_a_job_like_another_on_another_dataset_does_to_its_pixels_what_that_one_takes(client: httpx.Client) -> None:
    first = client.post("/jobs", json={"data": {"dataset": "synthetic", "batch_size": 50}}).json()
    made = client.post("/jobs", params={"like": first["id"]}, json={"data": {"dataset": "mnist"}}).json()
    data = made["spec"]["data"]
    assert (data["batch_size"], data["binarize"], data["normalize"]) == (50, True, "none")
    assert data["sha256"] != first["spec"]["data"]["sha256"]
