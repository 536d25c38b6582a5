"""Networks are downloaded by the SDK, and become torch modules."""

import sys
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from bnlab import ApiError, Client
from bnlab.errors import CannotRun, Damaged
from bnlab.sdk.models import FORMAT_OF
from jobs.datasets.loading import load
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support.stranger import ID, Answer, stranger
from tests.support.trained_jobs import Trained, trained


@pytest.fixture
def job(database: Database, settings: Settings) -> Trained:
    return trained(database, settings)


def test_the_end_of_a_files_name_says_its_format(client: Client, url: str, job: Trained, tmp_path: Path) -> None:
    for suffix, form in FORMAT_OF.items():
        file = tmp_path / f"model{suffix}"
        assert client.model(job.job.id, file, folded=True) == 2
        answer = httpx.get(f"{url}/jobs/{job.job.id}/model", params={"format": form, "folded": True})
        assert file.read_bytes() == answer.content
    with pytest.raises(CannotRun, match=r"'model\.bin' does not say .* \.safetensors, \.zip, \.onnx"):
        client.model(job.job.id, tmp_path / "model.bin")
    client.model(job.job.id, tmp_path / "model.bin", format="safetensors")
    found = load_file(tmp_path / "model.bin")
    for name, tensor in job.state.learned.tensors.items():
        np.testing.assert_array_equal(found[name], tensor.numpy())


def test_what_is_refused_leaves_the_file_that_was_there(client: Client, running: Job, tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_text("an earlier one")
    with pytest.raises(ApiError, match="wait for its first checkpoint") as refused:
        client.model(running.id, file)
    assert (refused.value.status, refused.value.code) == (409, "no_weights_yet")
    assert [(each.name, each.read_text()) for each in tmp_path.glob("model*")] == [("model.onnx", "an earlier one")]


def test_a_file_that_is_not_what_the_server_says_of_it_is_not_kept(tmp_path: Path) -> None:
    def of_whom(_asked: int) -> Answer:
        return 200, "application/octet-stream", "whatever a proxy made of it"

    with stranger(of_whom) as (url, _), Client(url) as client, pytest.raises(Damaged, match="ask for it again"):
        client.model(ID, tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_loaded_network_gives_what_the_trained_one_does(client: Client, settings: Settings, job: Trained) -> None:
    stored = load("synthetic", settings.data).test_images[:50]
    wanted, module = job.logits(stored), client.load(job.job.id)
    with torch.no_grad():
        found = module(module.preprocess(torch.from_numpy(stored)))
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5 * float(wanted.abs().max()))


@pytest.mark.parametrize("package", ["torch", "safetensors"])
def test_without_torch_it_is_said_how_to_have_it(client: Client, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # which Python takes for a module that is not there
    with pytest.raises(CannotRun, match=f"not installed: {package}; to have"):
        client.load("0j1d3q9f7k2mc")
