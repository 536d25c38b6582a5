"""Datasets over HTTP: what is uploaded is judged, and of what is refused nothing is left."""

import hashlib
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from api import uploads
from api.app import create_app
from jobs.settings import Settings
from jobs.storage import keys, usage
from jobs.storage.objects.opening import open_objects
from jobs.storage.uploads import PARTS
from tests.support.disk import disk_of
from tests.support.own_data import npz
from tests.support.serving import answer_on, assert_problem, sending, served
from tests.support.uploads import zipped

MAX_UPLOAD = 1_000_000
PUT = "PUT /datasets/own HTTP/1.1"
PNG = {"Accept": "image/png"}
DOCUMENT = {"data": {"dataset": "own", "batch_size": 5}, "recording": {"probe_size": 5}}
TABLE = "".join(("a,b,label\n", *(f"{i},{i % 3},{'xy'[i % 2]}\n" for i in range(40)))).encode()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=tmp_path_factory.mktemp("house") / "data", max_upload=MAX_UPLOAD)


@pytest.fixture(scope="module")
def house(settings: Settings) -> Iterator[httpx.Client]:
    with served(create_app(settings)) as client:
        client.timeout = httpx.Timeout(60)
        yield client


@pytest.fixture
def client(house: httpx.Client) -> Iterator[httpx.Client]:
    """The server of all these tests, without the datasets that the test has uploaded when it ends."""
    yield house
    for row in house.get("/datasets").json()["datasets"]:
        if row["created"]:
            house.delete(f"/datasets/{row['name']}").raise_for_status()


def kept(settings: Settings) -> list[str]:
    """Everything in the data folder but for the database."""
    found = (str(path.relative_to(settings.data)) for path in settings.data.rglob("*"))
    return sorted(each for each in found if not each.startswith("bnlab.sqlite"))


def put(client: httpx.Client, content: bytes, name: str = "own", query: str = "", **headers: str) -> httpx.Response:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return client.put(f"/datasets/{name}{query}", content=content, headers=named)


def digest(content: bytes) -> str:
    return f"sha-256=:{b64encode(hashlib.sha256(content).digest()).decode()}:"


def test_what_was_found_is_the_answer_and_jobs_may_name_it(client: httpx.Client, settings: Settings) -> None:
    content = npz()
    answer = put(client, content, repr_digest=f"md5=:AAAA:, {digest(content)}")
    found = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, "own")
    assert (found["name"], found["shape"], found["dtype"], found["train"], found["test"]) == (
        "own", [1, 8, 8], "uint8", 20, 10
    )  # fmt: skip
    assert found["classes"] == [{"name": "0", "train": 10, "test": 5}, {"name": "1", "train": 10, "test": 5}]
    assert (found["source_format"], found["available"], found["warnings"]) == ("npz", True, [])
    assert found["bytes"] == usage.bytes_of(settings.data / "objects" / keys.DATASETS)
    assert client.get("/storage").json()["bytes"]["datasets"] == found["bytes"]
    assert client.get("/datasets/own").json() == found
    row = client.get("/datasets").json()["datasets"][-1]
    assert row == {name: found[name] for name in row} | {"classes": 2}
    job = client.post("/jobs", json=DOCUMENT).raise_for_status().json()
    assert job["spec"]["data"] | {"sha256": found["sha256"], "normalize": "standardize"} == job["spec"]["data"]
    client.post(f"/jobs/{job['id']}/cancel").raise_for_status()


def test_the_same_once_more_is_there_already_and_another_is_refused(client: httpx.Client, settings: Settings) -> None:
    first = put(client, npz(), query="?seed=1")
    there = kept(settings)
    again = put(client, npz(), query="?seed=1")
    assert (again.status_code, again.json()) == (200, first.json())
    for content, query in ((npz(seed=1), "?seed=1"), (npz(), ""), (TABLE, "?test=0.2")):
        problem = assert_problem(put(client, content, query=query), 409, "not_allowed")
        assert "take another name, or delete it first" in str(problem["detail"])
    assert kept(settings) == there


@pytest.mark.parametrize(("other", "statuses"), [(0, {200, 201}), (1, {201, 409})])
def test_of_two_at_once_one_is_first(client: httpx.Client, settings: Settings, other: int, statuses: set[int]) -> None:
    with ThreadPoolExecutor(2) as at_once:
        answers = list(at_once.map(lambda content: put(client, content), (npz(), npz(seed=other))))
    assert {answer.status_code for answer in answers} == statuses
    assert len(list((settings.data / "objects" / keys.DATASETS).iterdir())) == 1


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "a name that every server has": ({"name": "mnist"}, 409, "not_allowed"),
    "capital letters": ({"name": "Own"}, 422, "invalid_query"),
    "a dot in front": ({"name": ".own"}, 422, "invalid_query"),
    "too long a name": ({"name": "o" * 65}, 422, "invalid_query"),
    "a slash": ({"name": "own%2Fdata"}, 404, "not_found"),
    "no share": ({"query": "?test=1.5"}, 422, "invalid_query"),
    "an unknown option": ({"query": "?share=0.5"}, 422, "invalid_query"),
    "a form": ({"content_type": "multipart/form-data; boundary=x"}, 415, "not_a_file"),
    "an encoded form": ({"content_type": "application/x-www-form-urlencoded"}, 415, "not_a_file"),
    "packed": ({"content_encoding": "gzip"}, 415, "not_json"),
    "another digest": ({"repr_digest": digest(b"another")}, 400, "digest_mismatch"),
    "half a digest": ({"repr_digest": "sha-256=:AAAA:"}, 400, "bad_digest"),
    "no digest": ({"repr_digest": "sha-256=abc"}, 400, "bad_digest"),
    "nothing": ({"content": b""}, 422, "dataset_refused"),
    "no test part": ({"content": npz(x_test=None, y_test=None)}, 422, "dataset_refused"),
}


@pytest.mark.parametrize(("asked", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_of_what_is_refused_nothing_is_left(
    client: httpx.Client, settings: Settings, asked: dict[str, Any], status: int, code: str
) -> None:
    before = [each for each in kept(settings) if PARTS not in each]
    answer = put(client, **{"content": npz(), **asked})
    assert_problem(answer, status, code)
    assert [each for each in kept(settings) if not each.endswith(PARTS)] == before
    assert all(row["created"] is None for row in client.get("/datasets").json()["datasets"])


def test_every_fault_is_told_with_the_member_that_has_it(client: httpx.Client) -> None:
    content = zipped({"train/cat/1.png": b"no picture", "train/dog/2.png": b"", "test/cat/3.png": b"GIF89a"})
    answer = put(client, content)
    assert_problem(answer, 422, "dataset_refused")
    told = {error["member"]: error["message"] for error in answer.json()["errors"] if "member" in error}
    assert {"train/cat/1.png", "train/dog/2.png", "test/cat/3.png"} <= told.keys()
    assert all(told.values())


def test_a_form_is_told_what_to_send_instead(client: httpx.Client) -> None:
    answer = client.put("/datasets/own", files={"file": npz()})
    assert "curl -T FILE" in str(assert_problem(answer, 415, "not_a_file")["detail"])


def test_a_file_of_unknown_length_is_refused(client: httpx.Client) -> None:
    answer = client.put("/datasets/own", content=iter([npz()]))
    assert "Content-Length" in str(assert_problem(answer, 411, "length_required")["detail"])


def test_too_large_a_file_is_refused_before_any_of_it_is_read(client: httpx.Client) -> None:
    with sending(client, PUT, MAX_UPLOAD + 1, b"") as connection:
        answer = answer_on(connection)
    assert answer.startswith("HTTP/1.1 413 ")
    assert f"over the limit of {MAX_UPLOAD} bytes, which BNLAB_MAX_UPLOAD sets" in answer


def test_a_file_that_does_not_come_is_given_up_and_so_is_the_connection(
    client: httpx.Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PATIENCE", 0.1)
    with sending(client, PUT, 1000, b"half of it") as connection:
        answer = answer_on(connection)
        assert connection.recv(1) == b""
    assert answer.startswith("HTTP/1.1 408 ")
    assert "no byte has come for 0.1 seconds" in answer
    assert list((settings.data / "datasets" / PARTS).iterdir()) == []


def test_of_a_body_that_ends_early_nothing_is_left(client: httpx.Client, settings: Settings) -> None:
    parts = settings.data / "datasets" / PARTS
    with sending(client, PUT, 1000, b"half of it"):
        wait_until(lambda: parts.is_dir() and len(list(parts.iterdir())) == 1)
    wait_until(lambda: list(parts.iterdir()) == [])
    assert client.get("/healthz").is_success


def wait_until(holds: Any) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_dataset_is_deleted_once_no_job_needs_it(client: httpx.Client, settings: Settings) -> None:
    put(client, npz()).raise_for_status()
    job = client.post("/jobs", json=DOCUMENT).json()["id"]
    problem = assert_problem(client.delete("/datasets/own"), 409, "not_allowed")
    assert job in str(problem["detail"])
    client.post(f"/jobs/{job}/cancel").raise_for_status()
    assert client.delete("/datasets/own").status_code == 204
    assert usage.bytes_of(settings.data / "objects" / keys.DATASETS) == 0
    for answer in (client.delete("/datasets/own"), client.get("/datasets/own")):
        assert_problem(answer, 404, "not_found")
    assert_problem(client.delete("/datasets/mnist"), 409, "not_allowed")
    assert_problem(client.post(f"/jobs/{job}/retry"), 422, "invalid_spec")


@pytest.mark.parametrize("name", ["own", "synthetic"])
def test_examples_are_a_picture_for_who_would_rather_have_one(client: httpx.Client, name: str) -> None:
    put(client, npz()).raise_for_status()
    answer = client.get(f"/datasets/{name}", headers=PNG)
    assert (answer.status_code, answer.headers["content-type"], answer.headers["vary"]) == (200, "image/png", "Accept")
    assert answer.content.startswith(b"\x89PNG\r\n")
    known = {"If-None-Match": answer.headers["etag"]}
    assert client.get(f"/datasets/{name}", headers=PNG | known).status_code == 304
    assert client.get(f"/datasets/{name}", headers=known).json()["name"] == name


def test_features_are_no_picture_and_the_answer_says_so(client: httpx.Client) -> None:
    found = put(client, TABLE, query="?test=0.25", content_type="text/csv").json()
    assert (found["shape"], found["dtype"], found["source_format"]) == ([2], "float32", "csv")
    assert [each["name"] for each in found["classes"]] == ["x", "y"]
    problem = assert_problem(client.get("/datasets/own", headers=PNG), 406, "not_acceptable")
    assert problem["detail"] == "'own' has no images to show: an example is 2 features"


def test_a_dataset_of_every_server_says_what_is_known_of_it(client: httpx.Client) -> None:
    found = client.get("/datasets/fashion_mnist").json()
    assert found["classes"][1] == {"name": "Trouser", "train": 6000, "test": None}
    assert (found["mean"], found["available"], found["bytes"]) == (None, False, 54_950_048)
    problem = assert_problem(client.get("/datasets/fashion_mnist", headers=PNG), 503, "dataset_unavailable")
    assert "bnlab data fetch fashion_mnist" in str(problem["detail"])


def test_a_file_for_which_there_is_no_room_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    with disk_of(8, tmp_path / "disk") as disk, served(create_app(Settings(data=disk))) as client:
        with sending(client, PUT, 9_000_000, b"") as connection:
            assert "the file has 9000000 bytes, and " in answer_on(connection)
        pixels = np.random.default_rng(0).integers(0, 256, (5, 1000, 1000), dtype=np.uint8)
        labels = np.array([0, 1, 0, 1, 0])
        large = npz(x_train=pixels, y_train=labels, x_test=pixels[:1], y_test=labels[:1])
        answer = client.put("/datasets/own", content=large, timeout=60)  # it comes in, and is decoded beside it
        assert_problem(answer, 507, "no_room")
        assert answer.json()["retryable"] is True
        assert list((disk / "datasets" / PARTS).iterdir()) == []
        assert put(client, npz()).status_code == 201


def test_a_start_sweeps_what_killed_uploads_have_left(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    (tmp_path / "datasets" / PARTS / "0killed").mkdir(parents=True)
    open_objects(settings).put(keys.of_dataset("0killed", "train_labels.npy"), b"labels")
    with served(create_app(settings)):
        assert open_objects(settings).keys(keys.DATASETS) == ()
        assert list((tmp_path / "datasets" / PARTS).iterdir()) == []
