"""Asking a job's network by the SDK, against a served API."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bnlab import ApiError, Client
from bnlab.errors import CannotRun
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support import asked_jobs

PIXELS = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)


def test_whatever_holds_the_inputs_the_answer_is_the_same(
    client: Client, database: Database, settings: Settings, tmp_path: Path
) -> None:
    job_id = asked_jobs.train(database, settings).job.id
    Image.fromarray(PIXELS[0]).save(tmp_path / "one.PNG")
    np.save(tmp_path / "three.npy", PIXELS)
    (tmp_path / "list.json").write_text(json.dumps(PIXELS.tolist()))
    (tmp_path / "document.json").write_text(json.dumps({"inputs": PIXELS.tolist()}))
    expected = client.predict(job_id, PIXELS.tolist())
    wide = PIXELS.astype(np.float64)
    for inputs in (PIXELS, tuple(PIXELS), wide, np.asfortranarray(wide), torch.from_numpy(PIXELS)):
        assert client.predict(job_id, inputs) == expected
    for name in ("three.npy", "list.json", "document.json"):
        assert client.predict(job_id, tmp_path / name) == expected
    for one in (PIXELS[0], tmp_path / "one.PNG"):
        assert client.predict(job_id, one)["logits"] == pytest.approx(np.array(expected["logits"][:1]), abs=1e-5)
    by_batch = client.predict(job_id, PIXELS, normalization="batch")
    assert (by_batch["normalization"], by_batch["classes"]) == ("batch", expected["classes"])
    assert by_batch["logits"] != expected["logits"]
    assert client.predict(job_id, PIXELS[0], normalization="batch", among=9)["among"] == 9
    with pytest.raises(ApiError) as refused:
        client.predict(job_id, PIXELS, checkpoint="best")
    assert refused.value.code == "no_best"


def test_mistakes_are_test_inputs_of_which_the_network_says_another_class(
    client: Client, database: Database, settings: Settings
) -> None:
    job_id = asked_jobs.train(database, settings).job.id
    found = client.mistakes(job_id, limit=5)
    said = client.predict(job_id, [each["input"] for each in found["mistakes"]])
    assert said["predicted"] == [each["predicted"] for each in found["mistakes"]]
    assert all(each["predicted"] != each["label"] for each in found["mistakes"])


def test_a_file_that_is_none_of_three_kinds_is_not_sent(client: Client, tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"one.gif' is none of .json, .npy, .png"):
        client.predict("1m88g7nq4p9df", tmp_path / "one.gif")
