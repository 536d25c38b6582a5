"""Documents that cannot be run: refused by /jobs and /jobs/validate alike, with a pointer to each field at fault."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from jobs.settings import Settings
from tests.support.placeholders import put_files
from tests.support.serving import assert_problem, served

JSON = {"content-type": "application/json"}

CONVOLUTION_BEHIND_FLATTEN = {"layers": [{"kind": "flatten"}, {"kind": "conv2d", "channels": 4}]}
SEVEN_CLASSES = {"layers": [{"kind": "flatten"}, {"kind": "linear", "features": 7}]}
UNKNOWN_LAYER = {"layers": [{"kind": "flatten"}, {"kind": "lstm"}]}
AVERAGED = ({"kind": "global_average_pool"}, {"kind": "linear", "features": 10})
WIDE = {"layers": [{"kind": "conv2d", "channels": 60_000}, *AVERAGED]}
MOMENTUM = {"batch_norm": {"momentum": 0.9}}

BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"optimiser": "sgd"}, "/optimiser", "unknown field"),
    ({"training": {"lr": 0.1}}, "/training/lr", "unknown field"),
    ({"a/b~c": 1}, "/a~1b~0c", "unknown field"),
    ({"architecture": "resnet9000"}, "/architecture", "mlp, convnet"),
    (
        {"architecture": {"preset": "mlp", "hidden": [0]}},
        "/architecture/hidden/0",
        "of at least 1, not 0",
    ),
    ({"architecture": UNKNOWN_LAYER}, "/architecture/layers/1", "'lstm'"),
    ({"data": {"dataset": "imagenet"}}, "/data/dataset", "unknown dataset 'imagenet'; there is: mnist"),
    ({"data": {"dataset": "fashion-mnist"}}, "/data/dataset", "'fashion-mnist'; it is called 'fashion_mnist'; "),
    ({"architecture": CONVOLUTION_BEHIND_FLATTEN}, "/architecture/layers/1", "'conv2d1' got [784] and needs"),
    ({"architecture": SEVEN_CLASSES}, "/architecture", "'linear1', gives [7]; needs [10]"),
    ({"batch_norm": True, "data": {"batch_size": 1}}, "/data/batch_size", "the batch has 1 example"),
    ({"batch_norm": True, "data": {"batch_size": 7, "train_samples": 8}}, "/data/batch_size", "the last batch"),
    ({"batch_norm": "caffe"}, "/batch_norm", "'keras'"),
    (MOMENTUM, "/batch_norm", "running_decay"),
    ({"training": {"steps": 0}}, "/training/steps", "of at least 1, not 0"),
    ({"training": {"steps": 10, "epochs": 1}}, "/training", "not both"),
    ({"training": {"steps": 10**12}}, "/training", "over the cap"),
    ({"training": {"optimizer": {"learning_rate": -0.1}}}, "/training/optimizer/learning_rate", "greater than 0"),
    ({"training": {"optimizer": {"learning_rate": 1e300}}}, "/training/optimizer/learning_rate", "of at most 1e+30"),
    ({"data": {"augment": {"shift": 17}}}, "/data/augment/shift", "a whole number of at most 16, not 17"),
    ({"data": {"augment": True}}, "/data/augment", "an object"),
    ({"recording": {"diagnostics": [{"name": "sharpness"}]}}, "/recording/diagnostics/0/name", "'landscape'"),
    (
        {"recording": {"diagnostics": [{"name": "rank", "every": 0}]}},
        "/recording/diagnostics/0/every",
        "of at least 1",
    ),
    ({"recording": {"diagnostics": [{"name": "rank"}] * 2}}, "/recording/diagnostics", "'rank' is there twice"),
    ({"training": {"optimizer": "lion"}}, "/training/optimizer", "'lion' is no optimizer (there is: adam, adamw"),
    ({"training": {"optimizer": {"kind": "momentum", "momentum": 1}}}, "/training/optimizer/momentum", "less than 1"),
    ({"training": {"optimizer": {"momentum": 0.9}}}, "/training/optimizer/momentum", "unknown field"),
    ({"training": {"schedule": {"kind": "step"}}}, "/training/schedule/every", "must be given"),
    ({"training": {"schedule": {"warmup_steps": -1}}}, "/training/schedule/warmup_steps", "of at least 0, not -1"),
    ({"training": {"weight_decay": -1e-4}}, "/training/weight_decay", "a number of at least 0"),
    ({"training": {"label_smoothing": 1}}, "/training/label_smoothing", "less than 1"),
    ({"training": {"clip_gradient_norm": 0}}, "/training/clip_gradient_norm", "greater than 0"),
    ({"evaluation": {"every": 10**17}}, "/evaluation/every", "of at most 9007199254740991"),
    ({"evaluation": {"every": 10**30}}, "/evaluation/every", "whole numbers go from -2^63 to 2^64-1"),
    ({"batch_norm": True, "recording": {"probe_size": 1}}, "/recording/probe_size", "the probe has 1 example"),
    ({"architecture": WIDE, "data": {"batch_size": 1}}, "/architecture", "1000 examples of an evaluation"),
    ({"architecture": WIDE, "data": {"batch_size": 60}}, "/data/batch_size", "60 examples of a batch"),
    (
        {"training": {"optimizer": {"learning_rate": "fast"}}},
        "/training/optimizer/learning_rate",
        "must be a number, not 'fast'",
    ),
]

NOT_DOCUMENTS = {
    "empty": b"",
    "not JSON": b"architecture=mlp",
    "cut off": b'{"architecture": "mlp"',
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "no object": b'["mlp"]',
    "nothing": b"null",
    "NaN as a learning rate": b'{"training": {"optimizer": {"learning_rate": NaN}}}',
    "NaN in the metadata": b'{"metadata": {"x": NaN}}',
    "an infinite learning rate": b'{"training": {"optimizer": {"learning_rate": 1e999}}}',
    "nested without end": b"[" * 100_000,
    "a field nested without end": b'{"metadata": ' + b'{"a": ' * 20_000 + b"1" + b"}" * 20_001,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """One server for all of them: what is refused leaves nothing behind."""
    data: Path = tmp_path_factory.mktemp("data")
    put_files(data)
    with served(create_app(Settings(data=data, broker_url="memory://localhost", host="127.0.0.1"))) as client:
        yield client
        assert client.get("/jobs").json()["jobs"] == []


@pytest.fixture(params=["/jobs", "/jobs/validate"])
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(("document", "pointer", "says"), BAD, ids=[pointer for _, pointer, _ in BAD])
def test_the_field_at_fault_is_named(
    client: httpx.Client, path: str, document: dict[str, Any], pointer: str, says: str
) -> None:
    problem = assert_problem(client.post(path, json=document), 422, "invalid_spec")
    assert says in str(problem["detail"])
    assert pointer in [error["pointer"] for error in client.post(path, json=document).json()["errors"]]


def test_every_field_at_fault_is_named_at_once(client: httpx.Client, path: str) -> None:
    document = {"training": {"steps": 0, "seed": -1}, "colour": "red"}
    errors = client.post(path, json=document).json()["errors"]
    assert {error["pointer"] for error in errors} == {"/training/steps", "/training/seed", "/colour"}


@pytest.mark.parametrize("body", NOT_DOCUMENTS.values(), ids=NOT_DOCUMENTS.keys())
def test_what_is_no_document_is_refused(client: httpx.Client, path: str, body: bytes) -> None:
    assert_problem(client.post(path, content=body, headers=JSON), 422, "invalid_spec")


def test_a_body_that_is_not_called_json_is_refused_with_the_way_out(client: httpx.Client, path: str) -> None:
    problem = assert_problem(client.post(path, data={"architecture": "mlp"}), 415, "not_json")
    assert "'application/x-www-form-urlencoded'" in str(problem["detail"])
    assert "curl --json" in str(problem["detail"])
    assert_problem(client.post(path, content=b"{}"), 415, "not_json")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_a_content_type_is_read_as_http_means_it(client: httpx.Client, kind: str) -> None:
    assert client.post("/jobs/validate", content=b"{}", headers={"content-type": kind}).status_code == 200


def test_a_body_of_a_mebibyte_is_read(client: httpx.Client, path: str) -> None:
    # Refused for what is in it, not for its length.
    assert_problem(client.post(path, content=b" " * 1024 * 1024, headers=JSON), 422, "invalid_spec")


def test_a_longer_body_is_refused(client: httpx.Client, path: str) -> None:
    assert_problem(client.post(path, content=b" " * (1024 * 1024 + 1), headers=JSON), 413, "body_too_large")


def test_a_longer_body_of_unknown_length_is_refused(client: httpx.Client, path: str) -> None:
    pieces = (b" " * 65_536 for _ in range(20))
    assert_problem(client.post(path, content=pieces, headers=JSON), 413, "body_too_large")
    assert client.get("/healthz").status_code == 200
