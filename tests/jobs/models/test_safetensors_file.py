"""A model as safetensors, read by numpy."""

import json

import numpy as np
import pytest
from safetensors.numpy import load

from bn.architecture.normalization import BatchNorm
from jobs.models.described import described
from jobs.models.folding import folded
from jobs.models.model import Model
from jobs.models.safetensors_file import safetensors_file
from tests.support.models import PRESETS, model_of, planned, trained


@pytest.fixture(scope="module")
def model() -> Model:
    return model_of(trained(planned(PRESETS["convnet"], (3, 8, 8), BatchNorm())))


def test_it_has_every_tensor_under_its_name(model: Model) -> None:
    found = load(safetensors_file(model))
    assert found.keys() == model.tensors.keys()
    for name, value in model.tensors.items():
        np.testing.assert_array_equal(found[name], value)


def test_its_metadata_describes_the_network(model: Model) -> None:
    for is_folded, source in ((False, model), (True, folded(model))):
        data = safetensors_file(model, folded=is_folded)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        assert json.loads(header["__metadata__"]["bnlab"]) == described(source)


def test_folded_it_has_the_tensors_of_the_folded_network(model: Model) -> None:
    found = load(safetensors_file(model, folded=True))
    assert found.keys() == folded(model).tensors.keys()
    assert not any("running" in name for name in found)


def test_the_same_model_gives_the_same_bytes(model: Model) -> None:
    assert safetensors_file(model) == safetensors_file(model)
