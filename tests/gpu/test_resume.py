"""A training on a GPU that is killed goes on from its checkpoint, in another process, to the same bits."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

NEEDED = ("orjson", "pydantic_settings", "safetensors", "sqlalchemy")


@pytest.fixture
def requirements() -> None:
    for package in NEEDED:
        pytest.importorskip(package, reason=f"{package} is not installed, which requirements-gpu.txt lists")


def command(folder: Path, device: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.support.gpu_training", str(folder), device)


def ended(folder: Path, device: str) -> dict[str, Tensor]:
    """What a training ends with, which goes on where the folder has it."""
    subprocess.run(command(folder, device), check=True)
    tensors: dict[str, Tensor] = torch.load(folder / "ended")
    return tensors


@pytest.mark.usefixtures("requirements")
@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def test_killed_and_resumed_it_ends_with_the_bits_of_one_that_was_not(device: str, tmp_path: Path) -> None:
    cut, uncut = tmp_path / "cut", tmp_path / "uncut"
    cut.mkdir()
    uncut.mkdir()
    with subprocess.Popen(command(cut, device), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "stored\n"
        process.kill()
    resumed, whole = ended(cut, device), ended(uncut, device)
    assert resumed.keys() == whole.keys()
    assert all(resumed[name].equal(tensor) for name, tensor in whole.items())
