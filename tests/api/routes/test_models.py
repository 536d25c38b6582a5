"""Networks are downloaded, in each form, whole and in parts."""

import hashlib
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from unittest.mock import ANY

import httpx
import numpy as np
import onnxruntime
import pytest
from safetensors.numpy import load as tensors_of

from api.app import create_app
from jobs.datasets.catalogue import CATALOGUE
from jobs.datasets.loading import load
from jobs.lifecycle import clients
from jobs.settings import Settings
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects
from tests.support import recorded_jobs
from tests.support.serving import assert_problem, served
from tests.support.trained_jobs import Trained, trained

KEEPS_BEST: dict[str, Any] = {
    "training": {"steps": 20, "stop": {"metric": "test.loss", "goal": "max", "patience": 20}},
    "evaluation": {"every": 1, "keep": "best"},
}
"""The best is the worst here: one of the first."""

FORMS = {"safetensors": "safetensors", "torch": "zip", "onnx": "onnx"}
SAID = (
    *("content-type", "content-disposition", "content-length", "content-encoding", "accept-ranges", "repr-digest"),
    *("x-bnlab-step", "x-content-type-options"),
)


@dataclass(frozen=True)
class Lab:
    """A server with a trained job, whose best network is not its last one."""

    client: httpx.Client
    database: Database
    settings: Settings
    trained: Trained

    @property
    def path(self) -> str:
        """Of the job's model."""
        return f"/jobs/{self.trained.job.id}/model"

    def get(self, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
        return self.client.get(self.path, params=query, headers=headers)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    settings = Settings(data=tmp_path_factory.mktemp("data"), broker_url="memory://localhost")
    with served(create_app(settings)) as client, closing(open_database(settings)) as database:
        yield Lab(client, database, settings, trained(database, settings, **KEEPS_BEST))


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_a_file_says_what_it_is(lab: Lab, form: str, folded: bool) -> None:
    answer = lab.get({"Accept-Encoding": "gzip"}, format=form, folded=folded)
    digest = b64encode(hashlib.sha256(answer.content).digest()).decode()
    name = f"{lab.trained.job.id}{'-folded' if folded else ''}.{FORMS[form]}"
    assert answer.status_code == 200
    assert {key: answer.headers.get(key) for key in SAID} == {
        "content-type": "application/zip" if form == "torch" else "application/octet-stream",
        "content-disposition": f'attachment; filename="{name}"',
        "content-length": str(len(answer.content)),
        "content-encoding": None,
        "accept-ranges": "bytes",
        "repr-digest": f"sha-256=:{digest}:",
        "x-bnlab-step": "20",
        "x-content-type-options": "nosniff",
    }
    assert lab.get(format=form, folded=folded).content == answer.content
    again = lab.get({"If-None-Match": answer.headers["etag"]}, format=form, folded=folded)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=100-", slice(100, None)),
        ("BYTES=-7", slice(-7, None)),
        ("bytes=10-99999999999999999999", slice(10, None)),
    ],
)
def test_a_part_comes_with_its_place(lab: Lab, asked: str, part: slice) -> None:
    whole = lab.get()
    size = len(whole.content)
    start, stop, _ = part.indices(size)
    answer = lab.get({"Range": asked, "If-Range": whole.headers["etag"]})
    assert (answer.status_code, answer.content) == (206, whole.content[part])
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{size}"
    assert (answer.headers["etag"], answer.headers["repr-digest"]) == (
        whole.headers["etag"],
        whole.headers["repr-digest"],
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-1,4-5"},
        {"Range": "bytes=5-4"},
        {"Range": "bytes=-"},
        {"Range": "lines=1-2"},
        {"Range": "bytes=0-9", "If-Range": '"another"'},
        {"Range": "bytes=0-9", "If-Range": "Sat, 28 Nov 2026 03:00:00 GMT"},
    ],
)
def test_what_is_not_one_part_of_this_file_is_the_whole_file(lab: Lab, headers: dict[str, str]) -> None:
    answer = lab.get(headers)
    assert (answer.status_code, answer.content) == (200, lab.get().content)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_part_behind_the_end_is_refused_with_where_that_is(lab: Lab, asked: str) -> None:
    answer = lab.get({"Range": asked})
    assert_problem(answer, 416, "no_such_part")
    assert answer.headers["content-range"] == f"bytes */{len(lab.get().content)}"


def test_head_tells_of_the_whole_file(lab: Lab) -> None:
    head = lab.client.head(lab.path, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.content) == (200, b"")
    assert {key: head.headers[key] for key in ("content-length", "etag")} == {
        key: lab.get().headers[key] for key in ("content-length", "etag")
    }


def test_the_best_network_has_its_own_step_and_name(lab: Lab) -> None:
    best = lab.trained.state.standing.best
    assert best is not None
    assert best.step < 20
    answer = lab.get(checkpoint="best")
    assert answer.headers["x-bnlab-step"] == str(best.step)
    assert answer.headers["content-disposition"].endswith('-best.safetensors"')
    found = tensors_of(answer.content)
    assert found.keys() == lab.trained.state.best.keys()
    for name, tensor in lab.trained.state.best.items():
        np.testing.assert_array_equal(found[name], tensor.numpy())


def test_a_graph_with_its_preprocessing_takes_the_test_set_as_it_is_stored(lab: Lab) -> None:
    stored = load("synthetic", lab.settings.data).test_images[:100]
    wanted = lab.trained.logits(stored)
    for folded in (False, True):
        graph = onnxruntime.InferenceSession(lab.get(format="onnx", preprocess=True, folded=folded).content)
        logits, probabilities = graph.run(["logits", "probabilities"], {"input": stored})
        assert np.abs(logits - wanted.numpy()).max() < 1e-5 * wanted.abs().max()
        np.testing.assert_allclose(probabilities, wanted.softmax(1), atol=1e-5)


def test_a_zip_has_the_classes_names(lab: Lab) -> None:
    with zipfile.ZipFile(io.BytesIO(lab.get(format="torch").content)) as whole:
        assert {"architecture.json", "model.py", "model.safetensors"} <= set(whole.namelist())
        architecture = json.loads(whole.read("architecture.json"))
    assert architecture["classes"] == list(CATALOGUE["synthetic"].labels)


def test_an_option_that_would_be_ignored_is_named(lab: Lab) -> None:
    problem = assert_problem(lab.get(preprocess=True), 422, "invalid_query")
    assert problem["errors"] == [{"parameter": "preprocess", "message": ANY}]
    assert_problem(lab.get(format="pt2"), 422, "invalid_query")


def test_where_there_is_no_network_it_is_said_why(lab: Lab) -> None:
    job = recorded_jobs.start(lab.database, lab.settings)
    path = f"/jobs/{job.id}/model"
    waits = assert_problem(lab.client.get(path), 409, "no_weights_yet")
    assert "wait for its first checkpoint" in str(waits["detail"])
    keeps = assert_problem(lab.client.get(path, params={"checkpoint": "best"}), 409, "no_best")
    assert "evaluation.keep" in str(keeps["detail"])
    recorded_jobs.finish(lab.database, lab.settings, job)
    clients.remove(lab.database, open_objects(lab.settings), job.id)
    assert_problem(lab.client.get(path), 410, "gone")
    assert_problem(lab.client.get("/jobs/nobody/model"), 404, "not_found")
