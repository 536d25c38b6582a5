"""What is stored of a job is read back to the last byte."""

import json
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import delete

from jobs.lifecycle import clients
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import Hold, record_weights
from jobs.lifecycle.checkpoints import record
from jobs.lifecycle.job import Job
from jobs.series.answers.verification import verify
from jobs.series.read.reader import Series
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.folder import Folder
from jobs.storage.objects.opening import open_objects
from jobs.storage.objects.protocol import Objects, Stored
from tests.support.disk import change, flip_a_bit

DAMAGE: dict[str, Callable[[Objects, str], None]] = {
    "missing": lambda objects, key: objects.delete(key),
    "cut short": lambda objects, key: change(objects, key, lambda data: data[:100]),
    "a flipped bit": lambda objects, key: change(objects, key, flip_a_bit),
}


def test_a_job_that_is_as_it_was_written_says_so(client: httpx.Client, finished: Job) -> None:
    verdict = client.get(f"/jobs/{finished.id}?verify=true").json()["verification"]
    assert verdict["damaged"] == []
    assert verdict["objects"] == 5
    assert verdict["bytes"] > 10_000
    assert verdict["complete"] == {
        "train": True, "test": True, "activations": True, "units": False, "histograms": True
    }  # fmt: skip


def test_weights_are_read_too_of_which_an_earlier_release_kept_the_checksum_alone(
    database: Database, settings: Settings, running: Job
) -> None:
    objects, hold = open_objects(settings), Hold(running.id, 1)
    stored = objects.put(keys.of_weights(running.id, 1), b"weights")
    record_weights(database, hold, Artifact("weights", running.steps, replace(stored, bytes=None)))
    series = Series(running, database, objects)
    assert (verify(series).bytes, verify(series).damaged) == (7, ())
    change(objects, stored.key, flip_a_bit)
    assert [damage.key for damage in verify(series).damaged] == [stored.key]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_named_though_it_was_right_before(
    client: httpx.Client, settings: Settings, finished: Job, damage: Callable[[Objects, str], None]
) -> None:
    assert client.get(f"/jobs/{finished.id}/metrics").status_code == 200
    key = f"jobs/{finished.id}/1/train/1-200.arrow"
    damage(open_objects(settings), key)
    verdict = client.get(f"/jobs/{finished.id}?verify=true").json()["verification"]
    assert [each["key"] for each in verdict["damaged"]] == [key]
    assert key in verdict["damaged"][0]["reason"]
    refused = client.get(f"/jobs/{finished.id}/metrics")
    assert (refused.status_code, refused.json()["code"]) == (500, "damaged_object")


def test_what_a_newer_checkpoint_has_replaced_meanwhile_is_not_damaged(
    database: Database, settings: Settings, running: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects, hold = open_objects(settings), Hold(running.id, 1)
    stored = objects.put(keys.of_checkpoint(running.id, 1, 0), b"old")
    with database.write() as connection:
        record(connection, hold, Artifact("checkpoint", 0, stored))
    objects.delete(stored.key)
    assert [damage.key for damage in verify(Series(running, database, objects)).damaged] == [stored.key]
    read = Folder.read

    def read_late(self: Folder, wanted: Stored, *, afresh: bool) -> memoryview:
        with database.write() as connection:
            connection.execute(delete(tables.artifacts))
        return read(self, wanted, afresh=afresh)

    monkeypatch.setattr(Folder, "read", read_late)
    assert verify(Series(running, database, objects)).damaged == ()


def test_a_job_whose_diagnostics_measure_nothing_is_complete_without_them(
    database: Database, settings: Settings
) -> None:
    spec = {"architecture": {"preset": "mlp", "hidden": []}, "data": {"dataset": "synthetic"}}
    recording = {"diagnostics": [{"name": "drift", "every": 100}]}
    job = clients.submit(database, check(json.dumps(spec | {"recording": recording}), in_catalogue(settings)))
    assert list(verify(Series(job, database, open_objects(settings))).complete) == [
        "train",
        "test",
        "activations",
    ]


def test_a_job_that_does_not_exist_cannot_be_verified(client: httpx.Client) -> None:
    assert client.get("/jobs/none?verify=true").status_code == 404
