"""A model as a zip for torch: what is in it. What its program computes is tried in tests/bnlab/sdk/test_model.py."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest

from bn.architecture.normalization import BatchNorm
from jobs.models.bundle import bundle
from jobs.models.described import described
from jobs.models.folding import folded
from jobs.models.model import Model
from jobs.models.safetensors_file import safetensors_file
from tests.support.models import PRESETS, model_of, planned, trained


@pytest.fixture(scope="module")
def model() -> Model:
    return model_of(trained(planned(PRESETS["mlp"], (1, 8, 8), BatchNorm())))


def test_its_weights_are_the_safetensors_and_its_description_is_of_them(model: Model) -> None:
    for is_folded, source in ((False, model), (True, folded(model))):
        with ZipFile(BytesIO(bundle(model, folded=is_folded))) as whole:
            assert whole.read("model.safetensors") == safetensors_file(model, folded=is_folded)
            assert json.loads(whole.read("architecture.json")) == described(source)


def test_its_readme_says_whose_it_is_and_names_every_other_file(model: Model) -> None:
    with ZipFile(BytesIO(bundle(model))) as whole:
        readme = whole.read("README.txt").decode()
        others = set(whole.namelist()) - {"README.txt"}
    assert f"job {model.job_id}, after step {model.step}" in readme
    assert others == {"architecture.json", "model.py", "model.safetensors"}
    assert all(name in readme for name in others)


def test_the_program_is_under_120_lines(model: Model) -> None:
    with ZipFile(BytesIO(bundle(model))) as whole:
        assert len(whole.read("model.py").splitlines()) < 120


def test_the_same_model_gives_the_same_bytes_whenever_it_is_asked_for(model: Model) -> None:
    with ZipFile(BytesIO(bundle(model))) as whole:
        assert {entry.date_time for entry in whole.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert bundle(model) == bundle(model)
