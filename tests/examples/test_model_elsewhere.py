"""The example program where a format's readers alone can be imported: it gives what our network gives, or fails."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bn.architecture.normalization import BatchNorm
from jobs.datasets.preprocessing import Preprocessing
from jobs.models.files import Format, file_of
from jobs.models.model import Model
from tests.support import alone
from tests.support.markdown import ROOT
from tests.support.models import PRESETS, model_of, planned, trained

PROGRAM = ROOT / "examples" / "model_elsewhere.py"
RUN = f"import runpy; runpy.run_path({str(PROGRAM)!r}, run_name='__main__')"
NEEDS: dict[Format, tuple[str, ...]] = {
    "safetensors": ("numpy",),
    "torch": ("numpy", "safetensors", "torch"),
    "onnx": ("numpy", "onnxruntime"),
}
NAMES: dict[Format, str] = {"safetensors": "model.safetensors", "torch": "model.zip", "onnx": "model.onnx"}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Model]:
    """A folder with inputs and what the server says of them, and the network that was asked."""
    folder = tmp_path_factory.mktemp("asked")
    network = trained(planned(PRESETS["convnet"], (3, 8, 8), BatchNorm()))
    shift, scale = (tuple(np.linspace(*ends, 3 * 8 * 8).tolist()) for ends in ((100.0, 120.0), (0.02, 0.01)))
    preprocessing = Preprocessing(binarize=False, shift=shift, scale=scale)  # of each pixel
    pixels = np.random.default_rng(0).integers(0, 256, (5, 3, 8, 8), np.uint8)
    with torch.no_grad():
        logits = network(torch.from_numpy(preprocessing(pixels)))
    np.save(folder / "inputs.npy", pixels)
    say(folder / "answer.json", logits.tolist(), logits.softmax(1).tolist())
    return folder, model_of(network, preprocessing)


def say(answer: Path, logits: Any, probabilities: Any) -> None:
    answer.write_text(json.dumps({"logits": logits, "probabilities": probabilities}))


def ran(packages: Path, folder: Path, answer: str, *files: Path) -> subprocess.CompletedProcess[str]:
    return alone.python(packages, RUN, *(str(folder / name) for name in ("inputs.npy", answer)), *map(str, files))


@pytest.mark.parametrize("form", NEEDS)
def test_a_file_gives_what_the_server_says_where_its_readers_are_alone(
    form: Format, asked: tuple[Path, Model], tmp_path: Path
) -> None:
    folder, model = asked
    options = [(folded, preprocess) for folded in (False, True) for preprocess in {False, form == "onnx"}]
    files = [tmp_path / f"{number}-{NAMES[form]}" for number in range(len(options))]
    for file, (folded, preprocess) in zip(files, options, strict=True):
        file.write_bytes(file_of(model, form, folded=folded, preprocess=preprocess))
    (tmp_path / "packages").mkdir()
    done = ran(alone.put(tmp_path / "packages", NEEDS[form]), folder, "answer.json", *files)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [file.name for file in files]


def test_it_fails_where_a_probability_or_a_logit_is_another_one(asked: tuple[Path, Model], tmp_path: Path) -> None:
    folder, model = asked
    file = tmp_path / NAMES["safetensors"]
    file.write_bytes(file_of(model, "safetensors", folded=False, preprocess=False))
    said = json.loads((folder / "answer.json").read_text())
    logits, probabilities = np.array(said["logits"]), np.array(said["probabilities"])
    alone.put(tmp_path, NEEDS["safetensors"])
    say(folder / "other-logits.json", (logits + 2e-5 * np.abs(logits).max()).tolist(), probabilities.tolist())
    say(folder / "other-probabilities.json", logits.tolist(), (probabilities + 2e-5).tolist())
    for answer in ("other-logits.json", "other-probabilities.json"):
        done = ran(tmp_path, folder, answer, file)
        assert (done.returncode, done.stderr) == (1, "")
