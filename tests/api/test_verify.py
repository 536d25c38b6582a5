"""What is stored of a job is read back to the last byte."""

import httpx
import pytest

from jobs.job import Job
from jobs.settings import Settings


def test_a_job_that_is_as_it_was_written_says_so(client: httpx.Client, finished: Job) -> None:
    verdict = client.get(f"/jobs/{finished.id}/verify").json()
    assert verdict["damaged"] == []
    assert verdict["objects"] == 5
    assert verdict["bytes"] > 10_000
    assert verdict["complete"] == {
        "train": True, "test": True, "activations": True, "units": False, "histograms": True
    }  # fmt: skip


@pytest.mark.parametrize("damage", ["missing", "cut short", "a flipped bit"])
def test_what_is_damaged_is_named_though_it_was_right_before(
    client: httpx.Client, settings: Settings, finished: Job, damage: str
) -> None:
    assert client.get(f"/jobs/{finished.id}/metrics").status_code == 200
    key = f"jobs/{finished.id}/1/train/1-200.arrow"
    path = settings.data / "objects" / key
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink() if damage == "missing" else path.write_bytes(data[:100] if damage == "cut short" else data)
    verdict = client.get(f"/jobs/{finished.id}/verify").json()
    assert [each["key"] for each in verdict["damaged"]] == [key]
    assert key in verdict["damaged"][0]["reason"]
    refused = client.get(f"/jobs/{finished.id}/metrics")
    assert (refused.status_code, refused.json()["code"]) == (500, "damaged_object")


def test_a_job_that_does_not_exist_cannot_be_verified(client: httpx.Client) -> None:
    assert client.get("/jobs/none/verify").status_code == 404
