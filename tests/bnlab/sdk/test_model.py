"""The program of a bundle, where nothing of bnlab can be imported: what it gives is what our own network gives."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import torch
from torch import Tensor

from bn.architecture.normalization import BatchNorm
from bnlab.sdk.model import load
from jobs.datasets.preprocessing import Preprocessing, preprocessing_of
from jobs.models.bundle import bundle
from jobs.models.model import Model
from tests.support.models import PRESETS, RANDOM, equal, inputs_for, model_of, planned, random_plan, trained

ALONE = """
import sys
sys.path[:] = [place for place in sys.path if place != {checkout!r}]
import torch, model
network = model.load(".")
torch.save(network(network.preprocess(torch.load("pixels.pt"))).detach(), "logits.pt")
assert not {{"bn", "bnlab", "jobs"}} & set(sys.modules)
"""


def unpacked(model: Model, folder: Path, *, folded: bool = False) -> Path:
    with ZipFile(BytesIO(bundle(model, folded=folded))) as whole:
        whole.extractall(folder)
    return folder


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_gives_what_our_network_gives(name: str, tmp_path: Path) -> None:
    network = trained(planned(PRESETS[name], (3, 32, 32), BatchNorm(), classes=10))
    inputs = inputs_for(network.plan)
    for folded in (False, True):
        logits = load(unpacked(model_of(network), tmp_path / str(folded), folded=folded))(torch.from_numpy(inputs))
        equal(network, inputs, logits.detach().numpy(), logits.softmax(1).detach().numpy())


def test_random_lists_of_layers_give_what_our_networks_give(tmp_path: Path) -> None:
    for seed in RANDOM:
        network = trained(random_plan(seed))
        inputs = inputs_for(network.plan)
        for folded in (False, True):
            place = unpacked(model_of(network), tmp_path / f"{seed}{folded}", folded=folded)
            logits = load(place)(torch.from_numpy(inputs))
            equal(network, inputs, logits.detach().numpy(), logits.softmax(1).detach().numpy())


def test_it_goes_on_training_as_our_network_does(tmp_path: Path) -> None:
    """The output, the gradients and the running statistics of a batch."""
    layers = [
        {"kind": "conv2d", "channels": 5, "activation": "tanh", "batch_norm": {"running_variance": "biased"}},
        {"kind": "flatten"},
        {"kind": "batch_norm"},
        {"kind": "linear", "features": 4, "activation": "relu", "batch_norm": {"frozen": True}},
    ]
    ours = trained(planned({"layers": layers}, (2, 6, 6)))
    theirs = load(unpacked(model_of(ours), tmp_path))
    x = torch.from_numpy(inputs_for(ours.plan, 8))
    outputs = [network.train()(x) for network in (ours, theirs)]
    for output in outputs:
        output.square().sum().backward()
    torch.testing.assert_close(*outputs)
    wanted, found = (dict(network.named_parameters()) for network in (ours, theirs))
    assert wanted.keys() == found.keys()
    for name, parameter in wanted.items():
        torch.testing.assert_close(_gradient(found[name]), _gradient(parameter), rtol=1e-3, atol=1e-3)
    for name, buffer in ours.named_buffers():
        torch.testing.assert_close(theirs.get_buffer(name), buffer)


def _gradient(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad


def test_a_bundle_needs_torch_and_safetensors_alone(tmp_path: Path) -> None:
    network = trained(planned(PRESETS["mlp"], (1, 8, 8), BatchNorm()))
    preprocessing = Preprocessing(binarize=True, shift=(0.25,), scale=(2.0,))
    place = unpacked(model_of(network, preprocessing), tmp_path)
    pixels = torch.randint(0, 256, (3, 1, 8, 8), dtype=torch.uint8)
    torch.save(pixels, place / "pixels.pt")
    checkout = str(Path(__file__).parents[3])
    program = ALONE.format(checkout=checkout)
    subprocess.run([sys.executable, "-c", program], cwd=place, env={"PYTHONSAFEPATH": ""}, check=True)
    logits = torch.load(place / "logits.pt").numpy()
    inputs = preprocessing(pixels.numpy())
    equal(network, inputs, logits, torch.from_numpy(logits).softmax(1).numpy())


@pytest.mark.parametrize("count", [2, 2 * 3 * 3])
def test_inputs_become_what_the_training_made_of_them_by_channel_or_by_pixel(count: int, tmp_path: Path) -> None:
    scale = tuple((torch.arange(count) * 0.25 + 0.5).tolist())
    preprocessing = Preprocessing(binarize=False, shift=tuple(map(float, range(count))), scale=scale)
    network = load(unpacked(model_of(trained(planned(PRESETS["mlp"], (2, 3, 3))), preprocessing), tmp_path))
    pixels = torch.randint(0, 256, (5, 2, 3, 3), dtype=torch.uint8)
    assert network.preprocess(pixels).tolist() == preprocessing(pixels.numpy()).tolist()


def test_inputs_are_whitened_as_the_training_whitened_them(tmp_path: Path) -> None:
    pixels = torch.randint(0, 256, (200, 2, 3, 3), dtype=torch.uint8)
    preprocessing = preprocessing_of(pixels.numpy(), binarize=False, normalize="whiten")
    network = load(unpacked(model_of(trained(planned(PRESETS["mlp"], (2, 3, 3))), preprocessing), tmp_path))
    torch.testing.assert_close(network.preprocess(pixels), torch.from_numpy(preprocessing(pixels.numpy())))
    assert "whitening" not in dict(network.named_parameters())
