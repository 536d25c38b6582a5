"""Asking a job's network over HTTP: it says what the network itself does, and no body harms the server."""

import io
import sys
import tracemalloc
from contextlib import ExitStack
from typing import Any

import httpx
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from api.access.bodies import MAX_INPUTS
from api.predicting import amounts
from api.routes import predict
from jobs.datasets.loading import load
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support import asked_jobs
from tests.support.asked_jobs import Trained
from tests.support.serving import answer_on, assert_problem, sending

JSON, PNG, NPY = ({"Content-Type": kind} for kind in ("application/json", "image/png", "application/x-npy"))
PIXELS = np.random.default_rng(0).integers(0, 256, (150, 1, 28, 28), dtype=np.uint8)


@pytest.fixture(scope="module")
def path(trained: Trained) -> str:
    return f"/jobs/{trained.job.id}/predict"


def npy(array: NDArray[Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def png(array: NDArray[np.uint8], mode: str = "L") -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).convert(mode).save(file, "PNG")
    return file.getvalue()


def logits(answer: httpx.Response) -> NDArray[np.float64]:
    assert answer.status_code == 200, answer.text
    return np.array(answer.json()["logits"])


def test_a_network_of_whitened_inputs_is_asked_of_inputs_as_the_dataset_has_them(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    data = {"dataset": "synthetic", "train_samples": 200, "batch_size": 20, "normalize": "whiten"}
    trained = asked_jobs.train(database, settings, data=data)
    with torch.no_grad():
        wanted = trained.network(trained.run.dataset.test.images[:50]).numpy()
    stored = load("synthetic", settings.data).test_images[:50]
    found = client.post(
        f"/jobs/{trained.job.id}/predict?normalization=running", json={"inputs": stored.tolist()}
    ).json()
    np.testing.assert_allclose(found["logits"], wanted, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize("normalization", ["running", "batch"])
def test_the_answer_is_what_the_network_itself_says(
    client: httpx.Client, path: str, trained: Trained, normalization: str
) -> None:
    answer = client.post(f"{path}?normalization={normalization}", json={"inputs": PIXELS.tolist()})
    expected = trained.logits(PIXELS, by_batch=normalization == "batch")
    powers = np.exp(expected - expected.max(1, keepdims=True))
    assert abs(logits(answer) - expected).max() < 1e-5 * abs(expected).max()
    said = answer.json()
    assert abs(np.array(said["probabilities"]) - powers / powers.sum(1, keepdims=True)).max() < 1e-5
    assert said["predicted"] == [said["classes"][best] for best in expected.argmax(1)]
    assert {name: said[name] for name in ("job", "step", "checkpoint", "normalization")} == {
        "job": trained.job.id,
        "step": 10,
        "checkpoint": "final",
        "normalization": normalization,
    }


@pytest.mark.parametrize(
    "inputs",
    [PIXELS[:3, 0], PIXELS[:3].reshape(3, -1), PIXELS[:3] / 1.0],
    ids=["without a channel", "flat", "not whole"],
)
def test_examples_may_have_several_forms(client: httpx.Client, path: str, inputs: NDArray[Any]) -> None:
    expected = logits(client.post(path, json={"inputs": PIXELS[:3].tolist()}))
    assert (logits(client.post(path, json={"inputs": inputs.tolist()})) == expected).all()
    assert (logits(client.post(path, content=npy(inputs), headers=NPY)) == expected).all()


@pytest.mark.parametrize("one", [PIXELS[0], PIXELS[0, 0], PIXELS[0].reshape(-1)], ids=["whole", "grey", "flat"])
def test_one_example_needs_no_list_around_it(client: httpx.Client, path: str, one: NDArray[Any]) -> None:
    expected = logits(client.post(path, json={"inputs": PIXELS[:1].tolist()}))
    assert (logits(client.post(path, json={"inputs": one.tolist()})) == expected).all()
    assert (logits(client.post(path, content=npy(one), headers=NPY)) == expected).all()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_picture_is_asked_as_its_pixels_are(client: httpx.Client, path: str, mode: str) -> None:
    expected = logits(client.post(path, json={"inputs": PIXELS[:1].tolist()}))
    assert (logits(client.post(path, content=png(PIXELS[0, 0], mode), headers=PNG)) == expected).all()


def json_of(inputs: Any) -> bytes:
    return httpx.Request("POST", "http://x", json={"inputs": inputs}).content


TWO = PIXELS[:2, 0].tolist()


def changed(value: Any, *place: int) -> Any:
    """Two inputs, of which one value is another."""
    inputs = PIXELS[:2, 0].tolist()
    inner = inputs
    for index in place[:-1]:
        inner = inner[index]
    inner[place[-1]] = value
    return inputs


WRONG: dict[str, tuple[dict[str, str], bytes, str, str]] = {
    "no JSON": (JSON, b"{inputs", "", "not a JSON document"),
    "NaN in JSON": (JSON, b'{"inputs": [NaN]}', "", "not a JSON document"),
    "another field": (JSON, b'{"input": [1]}', "", "one field"),
    "a field twice": (JSON, b'{"inputs": [1], "inputs": [2]}', "", "one field"),
    "a list": (JSON, b"[[1]]", "", "one field"),
    "no list": (JSON, b'{"inputs": 5}', "/inputs", "no list of numbers"),
    "none": (JSON, b'{"inputs": []}', "/inputs", "their shape is [0]: inputs of this network are [N, 1, 28, 28]"),
    "another size": (JSON, json_of([[1, 2, 3]]), "/inputs", "their shape is [1, 3]"),
    "a short row": (JSON, json_of(changed([1, 2], 1, 3)), "/inputs/1/3", "a list of 2, and has to be a list of 28"),
    "a number for a row": (JSON, json_of(changed(7, 1, 3)), "/inputs/1/3", "no list"),
    "a list for a number": (JSON, json_of(changed([7], 1, 3, 4)), "/inputs/1/3/4", "no number"),
    "a text": (JSON, json_of(changed("7", 0, 27, 0)), "", "of numbers alone"),
    "true": (JSON, json_of(changed(True, 1, 0, 0)), "/inputs/1/0/0", "no number"),
    "null": (JSON, json_of(changed(None, 1, 0, 0)), "/inputs/1/0/0", "no number"),
    "too bright": (JSON, json_of(changed(256, 1, 2, 3)), "/inputs/1/2/3", "it is 256.0: pixels are"),
    "below zero": (JSON, json_of(changed(-0.5, 1, 2, 3)), "/inputs/1/2/3", "is -0.5: pixels are numbers from 0 to 255"),
    "NaN": (NPY, npy(np.where(PIXELS[:3] < 255, np.nan, 0.0)), "/inputs/0/0/0/0", "it is nan"),
    "beyond float32": (NPY, npy(np.full((2, 784), 1e300)), "/inputs/0/0", "it is 1e+300: pixels are"),
    "a pixel of one image": (JSON, json_of(changed(255.00001, 1, 2, 3)[1]), "/inputs/2/3", "it is 255.00001: pixels"),
    "objects": (NPY, npy(np.array([[None] * 784])), "", "Python objects"),
    "no array": (NPY, b"\x93NUMPY", "", "ends early"),
    "an array cut off": (NPY, npy(PIXELS)[:-1], "", "117,600 bytes of data, and 117,599 have come"),
    "an array and more": (NPY, npy(PIXELS) + b"0", "", "and 117,601 have come"),
    "columns first": (NPY, npy(np.asfortranarray(PIXELS[:2, 0])), "", "ascontiguousarray"),
    "a monstrous array": (NPY, npy(PIXELS).replace(b"(150,", b"(9**9,"), "", "makes no sense"),
    "a negative length": (NPY, npy(PIXELS).replace(b"(150,", b"(-15,"), "", "makes no sense"),
    "a large array": (NPY, npy(PIXELS).replace(b"(150, 1, 28", b"(9999999,28"), "", "bytes are read"),
    "no picture": (PNG, b"\x89PNG\r\n\x1a\n nothing", "", "the picture is damaged"),
    "a picture of another size": (PNG, png(PIXELS[0, 0, :5]), "", "5 x 28 pixels, high and wide: it has to be 28 x 28"),
    "a bomb": (PNG, png(np.zeros((5000, 5000), np.uint8)), "", "has more than 16,777,216 pixels"),
}


@pytest.mark.parametrize(("headers", "body", "pointer", "told"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_asked_is_named_with_its_place(
    client: httpx.Client, path: str, headers: dict[str, str], body: bytes, pointer: str, told: str
) -> None:
    problem: Any = assert_problem(client.post(path, content=body, headers=headers), 422, "invalid_inputs")
    (error,) = problem["errors"]
    assert error["pointer"] == pointer
    assert told in error["message"]


MONSTERS = {
    "nested": b"[" * MAX_INPUTS,
    "nested in the field": b'{"inputs": ' + b"[" * (MAX_INPUTS - 20),
    "many lists": b'{"inputs": [' + b"[]," * 5_000_000 + b"1]}",
    "many numbers": b'{"inputs": [' + b"0.5," * 4_000_000 + b"1]}",
    "many objects": b'{"inputs": [' + b"{}," * 5_000_000 + b"1]}",
    "many names": b"{" + b'"a":0,' * 2_000_000 + b'"b":0}',
}


@pytest.mark.parametrize("body", MONSTERS.values(), ids=MONSTERS.keys())
def test_no_body_takes_more_memory_than_right_ones(client: httpx.Client, path: str, body: bytes) -> None:
    tracemalloc.start()
    answer = client.post(path, content=body, headers=JSON)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code in (413, 422)
    assert most < 4 * MAX_INPUTS


def test_a_thousand_inputs_are_taken_and_not_one_more(client: httpx.Client, path: str) -> None:
    array = np.zeros((1001, 784), np.uint8)
    assert len(logits(client.post(path, content=npy(array[:1000]), headers=NPY))) == 1000
    for body, headers in ((npy(array), NPY), (json_of(array.tolist()), JSON)):
        problem = assert_problem(client.post(path, content=body, headers=headers), 413, "too_many_inputs")
        assert "at most 1,000 are taken at once" in str(problem["detail"])


def test_a_picture_has_no_more_bytes_than_its_size_takes(client: httpx.Client, path: str) -> None:
    padded = png(PIXELS[0, 0]) + bytes(2**21)
    problem = assert_problem(client.post(path, content=padded, headers=PNG), 413, "body_too_large")
    assert "of its size at most" in str(problem["detail"])


@pytest.mark.parametrize("bound", ["BUDGET", "ANSWERED"])
def test_what_is_asked_at_once_is_answered_soon_in_an_answer_of_a_bearable_size(
    client: httpx.Client, path: str, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(amounts, bound, getattr(amounts, bound) // 100_000)
    problem = assert_problem(client.post(path, json={"inputs": PIXELS.tolist()}), 413, "too_many_inputs")
    assert "these are 150; send them in several requests" in str(problem["detail"])


def test_a_body_is_of_16_mib_at_most_and_of_three_kinds(client: httpx.Client, path: str) -> None:
    problem = assert_problem(client.post(path, content=bytes(MAX_INPUTS + 1), headers=NPY), 413, "body_too_large")
    assert f"{MAX_INPUTS} bytes" in str(problem["detail"])
    problem = assert_problem(client.post(path, content=b"a", headers={"Content-Type": "text/csv"}), 415, "not_inputs")
    assert "image/png" in str(problem["detail"])


def test_inputs_that_do_not_come_are_given_up_and_others_have_their_turn(
    client: httpx.Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict, "PATIENCE", 0.5)
    head = f"POST {path} HTTP/1.1\r\nContent-Type: application/json"
    with ExitStack() as slow:
        stalled = [slow.enter_context(sending(client, head, length, b'{"inputs": [')) for length in 6 * [2**22]]
        assert client.post(path, json={"inputs": PIXELS[0].tolist()}).status_code == 200
        answers = [answer_on(connection) for connection in stalled]
    assert {answer.split("\r\n")[0] for answer in answers} == {"HTTP/1.1 408 Request Timeout"}


def test_one_input_has_no_batch_statistics(client: httpx.Client, path: str) -> None:
    answer = client.post(f"{path}?normalization=batch", json={"inputs": PIXELS[:1].tolist()})
    problem = assert_problem(answer, 422, "invalid_inputs")
    assert "BN at 'hidden1' has one value a channel" in str(problem["detail"])


def test_a_network_that_diverged_says_nothing(client: httpx.Client, database: Database, settings: Settings) -> None:
    wild = {"steps": 10, "optimizer": {"learning_rate": 1e30}, "on_non_finite": "continue"}
    linear = {"layers": [{"kind": "flatten"}, *({"kind": "linear", "features": number} for number in (4, 10))]}
    job = asked_jobs.train(database, settings, training=wild, architecture=linear, batch_norm=False).job
    said = client.post(f"/jobs/{job.id}/predict", json={"inputs": TWO}).json()
    assert said["predicted"] == [None, None]
    assert said["probabilities"] == [[None] * 10] * 2


def test_without_onnxruntime_the_extra_is_named(
    client: httpx.Client, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked_jobs.train(database, settings).job
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    answer = client.post(f"/jobs/{job.id}/predict", json={"inputs": TWO})
    problem = assert_problem(answer, 501, "predict_unavailable")
    assert "bnlab[predict]" in str(problem["detail"])
