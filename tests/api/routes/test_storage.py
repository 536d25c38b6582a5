"""What takes how much room, held against the files themselves."""

import json
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, update

from api.app import create_app
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage import tables, usage
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support.serving import served

SYNTHETIC = {"data": {"dataset": "synthetic"}}
NOTHING = {"jobs": 0, "bytes": 0}


def look(client: httpx.Client) -> Any:
    return client.get("/storage").raise_for_status().json()


def test_what_is_taken_is_what_lies_there(client: httpx.Client, settings: Settings, finished: Job) -> None:
    (settings.data / "logs").mkdir()
    (settings.data / "logs" / "worker.log").write_bytes(bytes(1000))
    found = look(client)
    assert found["bytes"]["series"] == usage.bytes_of(settings.data / "objects" / "jobs") > 0
    assert found["bytes"]["datasets"] == usage.bytes_of(settings.data / "datasets") > 0
    assert found["bytes"]["rest"] >= 1000
    assert found["bytes"]["database"] > 10_000
    assert found["total"] == sum(found["bytes"].values())
    assert found["free"] > 0
    stored = found["bytes"]["series"]
    assert found["largest"] == [
        {"id": finished.id, "name": None, "status": "succeeded", "retain": False, "bytes": stored}
    ]
    assert found["jobs"] == {"may_go": {"jobs": 1, "bytes": stored}, "retained": NOTHING, "going_on": NOTHING}


def test_the_kinds_are_told_apart_and_weights_without_a_size_count_for_nothing(
    client: httpx.Client, database: Database, running: Job
) -> None:
    sizes: list[tuple[str, int, int | None]] = [
        *(("checkpoint", 1, 100), ("checkpoint", 2, 20), ("probabilities", 2, 3), ("best", 1, 5), ("initial", 0, 6)),
        *(("weights", 2, 4), ("weights", 3, None), ("whitening", 0, 7)),
    ]
    artifact = {"job_id": running.id, "key": "", "sha256": ""}
    rows = [{**artifact, "kind": kind, "step": step, "bytes": size} for kind, step, size in sizes]
    with database.write() as connection:
        connection.execute(insert(tables.artifacts), rows)
    found = look(client)
    of_jobs = {"series": 0, "checkpoints": 120, "weights": 4, "best": 5, "initial": 6, "probabilities": 3}
    of_jobs |= {"whitening": 7}
    assert {kind: found["bytes"][kind] for kind in of_jobs} == of_jobs
    assert found["jobs"]["going_on"] == {"jobs": 1, "bytes": 145}


def test_jobs_are_grouped_by_what_retention_may_do_to_them(client: httpx.Client, database: Database) -> None:
    def queued(**more: Any) -> str:
        return str(client.post("/jobs", json={**SYNTHETIC, **more}).json()["id"])

    ids = [queued(name="one"), queued(retain=True), queued(), queued(retain=True)]
    with database.write() as connection:
        ended = update(tables.jobs).where(tables.jobs.c.id.in_(ids[:2])).values(status="succeeded", finished=1.0)
        connection.execute(ended)
    found = look(client)
    assert {name: group["jobs"] for name, group in found["jobs"].items()} == {
        "may_go": 1,
        "retained": 1,
        "going_on": 2,
    }
    assert [job["name"] for job in found["largest"]] == ["one", None, None, None]


def test_at_most_ten_jobs_are_named_the_largest_first(client: httpx.Client, database: Database) -> None:
    ids = [client.post("/jobs", json=SYNTHETIC).json()["id"] for _ in range(12)]
    weights = {"kind": "weights", "step": 1, "key": "", "sha256": ""}
    with database.write() as connection:
        rows = [{**weights, "job_id": job_id, "bytes": size} for size, job_id in enumerate(ids)]
        connection.execute(insert(tables.artifacts), rows)
    named = look(client)["largest"]
    assert [(job["id"], job["bytes"]) for job in named] == [(ids[size], size) for size in range(11, 1, -1)]


def test_the_limits_are_those_of_the_settings(settings: Settings, tmp_path: Path) -> None:
    limited = settings.model_copy(update={"data": tmp_path / "other", "keep_days": 2.5, "keep_jobs": 3})
    with served(create_app(limited)) as client:
        found = look(client)
    assert found["keep"] == {"days": 2.5, "jobs": 3, "gb": None}
    assert json.dumps(found["largest"]) == "[]"


def test_objects_of_nobody_are_not_counted_as_jobs(client: httpx.Client, settings: Settings) -> None:
    open_objects(settings).put("jobs/nobody/1/weights.safetensors", bytes(100))
    assert look(client)["bytes"]["weights"] == 0
