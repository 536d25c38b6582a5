"""What Prometheus reads: everything that is promised, true, and no longer the more jobs there are."""

import subprocess
from dataclasses import replace

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from jobs.lifecycle import attempts, clients
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended, Job, JobError
from jobs.lifecycle.workers import announce
from jobs.settings import Settings
from jobs.storage import waiting
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support import recorded_jobs
from tests.support.requirements import require_any
from tests.support.serving import assert_problem, served
from tests.support.workers import submit, until

LABELS = {
    "bnlab_jobs": {"status"},
    "bnlab_oldest_queued_seconds": set(),
    "bnlab_steps_per_second": set(),
    "bnlab_standing_jobs": {"reason"},
    "bnlab_attempts_total": {"outcome"},
    "bnlab_jobs_ended_total": {"status", "code"},
    "bnlab_workers": {"device", "state"},
    "bnlab_slots": {"device", "state"},
    "bnlab_stored_bytes": {"kind"},
    "bnlab_free_bytes": set(),
    "bnlab_disk_bytes": set(),
    "bnlab_http_request_seconds_bucket": {"method", "route", "status", "le"},
    "bnlab_http_request_seconds_count": {"method", "route", "status"},
    "bnlab_http_request_seconds_sum": {"method", "route", "status"},
    "bnlab_streams": set(),
    "bnlab_build_info": {"version", "schema"},
}
WORKER = replace(recorded_jobs.a_worker(), slots=3)
SICK = replace(recorded_jobs.a_worker(), id="w2", slots=4, devices=("cpu", "cuda"), trouble="its trainers fail")

Values = dict[tuple[str, ...], float]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered: each scrape reads."""
    monkeypatch.setattr("api.metrics.page.READ_AGAIN", 0.0)
    monkeypatch.setattr("api.metrics.page.ADDED_UP_AGAIN", 0.0)


def values(client: httpx.Client) -> Values:
    """Every value by its name and its labels, each of them as `label=value`."""
    page = client.get("/metrics").raise_for_status().text
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_every_metric_that_is_promised_is_there_with_its_labels(client: httpx.Client) -> None:
    client.get("/healthz")
    answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation.endswith(".")
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    assert found == LABELS


def test_jobs_are_counted_where_they_stand_and_where_they_ended_even_those_that_were_deleted(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    for _ in range(5):
        submit(database)
    for ended in (Ended("succeeded"), Ended("failed", JobError("time_limit", "too long")), Ended("lost", reason="x")):
        job = attempts.claim(database, WORKER)
        assert job is not None
        attempts.end(database, Hold(job.id, job.attempt), ended)
        if ended.outcome != "lost":
            clients.remove(database, open_objects(settings), job.id)
    attempts.claim(database, WORKER)
    found = values(client)
    assert [found["bnlab_jobs", f"status={status}"] for status in ("queued", "running", "succeeded", "failed")] == [
        *(2, 1, 0, 0)
    ]
    assert found["bnlab_attempts_total", "outcome=lost"] == 1
    assert found["bnlab_attempts_total", "outcome=drained"] == 0
    assert found["bnlab_jobs_ended_total", "code=", "status=succeeded"] == 1
    assert found["bnlab_jobs_ended_total", "code=", "status=cancelled"] == 0
    assert found["bnlab_jobs_ended_total", "code=time_limit", "status=failed"] == 1
    assert found["bnlab_jobs_ended_total", "code=poison", "status=failed"] == 0
    assert found["bnlab_oldest_queued_seconds",] > 0


def test_workers_and_their_slots_are_told_by_device_and_state(client: httpx.Client, database: Database) -> None:
    for worker in (WORKER, SICK):
        announce(database, worker)
    submit(database)
    attempts.claim(database, WORKER)
    found = values(client)
    told = {key[1:]: value for key, value in found.items() if key[0] in ("bnlab_workers", "bnlab_slots") and value}
    assert [key for key in found if key[0] == "bnlab_workers"] == [
        ("bnlab_workers", f"device={device}", f"state={state}")
        for device in ("cpu", "cuda")
        for state in ("free", "busy", "trouble")
    ]
    assert told == {
        ("device=cpu", "state=free"): 2,
        ("device=cpu", "state=busy"): 1,
        ("device=cuda", "state=trouble"): 4,
    }
    for _ in range(2):
        submit(database)
        attempts.claim(database, WORKER)
    assert values(client)["bnlab_workers", "device=cpu", "state=busy"] == 1


def test_running_jobs_that_stand_still_are_told_by_why(client: httpx.Client, database: Database, running: Job) -> None:
    waiting.mark(database, running.id, "full")
    waiting.mark(database, "0123456789abc", "slow")  # which has died since
    found = values(client)
    assert found["bnlab_standing_jobs", "reason=full"] == 1
    assert found["bnlab_standing_jobs", "reason=slow"] == 0


def test_what_is_stored_is_told_by_kind(client: httpx.Client, finished: Job, settings: Settings) -> None:
    assert finished.id
    found = values(client)
    objects = sum(path.stat().st_size for path in (settings.data / "objects").rglob("*") if path.is_file())
    assert 0 < found["bnlab_stored_bytes", "kind=series"] <= objects
    assert found["bnlab_stored_bytes", "kind=datasets"] > 0
    assert found["bnlab_stored_bytes", "kind=database"] > 0
    assert 0 < found["bnlab_free_bytes",] <= found["bnlab_disk_bytes",]


def test_a_request_is_counted_under_the_template_of_its_route_whatever_is_sent(client: httpx.Client) -> None:
    for path in ("/jobs/0123456789abc", "/jobs/1123456789abc", "/nowhere/1", "/nowhere/2?wait=3", "/swagger/x"):
        assert client.get(path).status_code == 404
    client.request("PROPFIND", "/jobs")
    client.head("/healthz")
    client.get("/healthz", headers={"Host": "elsewhere.example.org"})
    counted = {key[1:]: value for key, value in values(client).items() if key[0] == "bnlab_http_request_seconds_count"}
    assert counted == {
        ("method=GET", "route=/jobs/{job_id}", "status=404"): 2,
        ("method=GET", "route=unknown", "status=404"): 2,
        ("method=unknown", "route=/jobs", "status=405"): 1,
        ("method=GET", "route=/healthz", "status=200"): 1,
        ("method=GET", "route=unknown", "status=421"): 1,
    }


def test_buckets_add_up(client: httpx.Client) -> None:
    for _ in range(7):
        client.get("/healthz")
    of_route = ("method=GET", "route=/healthz", "status=200")
    found = values(client)
    buckets = [found[key] for key in found if key[0].endswith("_bucket") and set(of_route) < set(key)]
    assert buckets == sorted(buckets)
    assert buckets[-1] == found["bnlab_http_request_seconds_count", *of_route] == 7
    assert found["bnlab_http_request_seconds_sum", *of_route] > 0


def test_a_stream_is_counted_while_it_is_open_and_takes_no_time(client: httpx.Client, running: Job) -> None:
    with client.stream("GET", f"/stream?jobs={running.id}") as stream:
        lines = stream.iter_lines()
        assert next(lines)
        assert values(client)["bnlab_streams",] == 1
    until(lambda: values(client)["bnlab_streams",] == 0)
    assert not [key for key in values(client) if "route=/stream" in key]


def test_the_page_does_not_grow_with_what_it_counts(client: httpx.Client, database: Database) -> None:
    def lines() -> int:
        return client.get("/metrics").text.count("\n")

    lines()
    before = lines()
    for number in range(20):
        submit(database, name=f"name{number}")
        announce(database, replace(WORKER, id=f"w{number}", host=f"host{number}"))
        attempts.claim(database, replace(WORKER, id=f"w{number}", host=f"host{number}"))
    assert lines() == before
    page = client.get("/metrics").text
    assert "name1" not in page
    assert "host1" not in page


def test_the_token_is_needed_where_one_is(settings: Settings) -> None:
    asked = settings.model_copy(update={"access": "token"})
    with served(create_app(asked)) as client:
        assert_problem(client.get("/metrics"), 401, "token_required")
        token = (settings.data / "token").read_text()
        assert client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_promtool_finds_nothing_wrong_with_the_page(client: httpx.Client, finished: Job) -> None:
    promtool = require_any("promtool")
    assert client.get(f"/jobs/{finished.id}").status_code == 200
    page = client.get("/metrics").text
    checked = subprocess.run([promtool, "check", "metrics"], input=page, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
