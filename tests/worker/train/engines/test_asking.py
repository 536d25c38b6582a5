"""What a package is asked for by: whatever changes its code is in it, and nothing else."""

from typing import Any

import pytest
import torch

from tests.support.requirements import require_any
from tests.support.small_runs import small_run
from worker.train.engines import asking
from worker.train.engines.asking import request_for
from worker.train.engines.packages import Unavailable

MLP = {"preset": "mlp", "hidden": [10, 7]}
OF_THE_CODE: dict[str, dict[str, Any]] = {
    "network": {"architecture": {"preset": "mlp", "hidden": [10, 8]}},
    "nonlinearity": {"architecture": {"preset": "mlp", "hidden": [10, 7], "activation": "relu"}},
    "batch normalization": {"batch_norm": {"epsilon": 1e-3}},
    "noise behind it": {"batch_norm": {"noise": True}},
    "how much noise": {"batch_norm": {"noise": {"mean": 1.0}}},
    "its absence": {"batch_norm": False},
    "batch size": {"data": {"dataset": "synthetic", "batch_size": 50}},
    "optimizer": {"training": {"steps": 130, "optimizer": "momentum"}},
    "one of its options": {"training": {"steps": 130, "optimizer": {"kind": "momentum", "momentum": 0.8}}},
    "weight decay": {"training": {"steps": 130, "weight_decay": 0.1}},
    "factors of the rate": {"training": {"steps": 130, "rate_factors": {"hidden*": 4}}},
    "a map of each pixel": {"data": {"dataset": "synthetic", "batch_size": 100, "normalize": "per_pixel"}},
    "whitened inputs": {
        "data": {"dataset": "synthetic", "batch_size": 100, "train_samples": 100, "normalize": "whiten"}
    },
    "clipping": {"training": {"steps": 130, "clip_gradient_norm": 1.0}},
    "smoothing": {"training": {"steps": 130, "label_smoothing": 0.1}},
    "sample": {"recording": {"sample": 2048}},
    "threads": {"resources": {"threads": 2}},
}
OF_NO_CODE: dict[str, dict[str, Any]] = {
    "seed": {"training": {"steps": 130, "seed": 5}},
    "rate": {"training": {"steps": 130, "optimizer": {"kind": "sgd", "learning_rate": 0.5}}},
    "schedule": {"training": {"steps": 130, "schedule": "cosine"}},
    "length": {"training": {"steps": 999}},
    "initial sd": {"architecture": {"preset": "mlp", "hidden": [10, 7], "init": {"scheme": "normal", "std": 0.5}}},
    "name": {"name": "another"},
    "what is recorded when": {"recording": {"activations_every": 7, "histograms_every": 3, "units": 0}},
    "evaluation": {"evaluation": {"every": 7}},
    "how pixels are scaled": {"data": {"dataset": "synthetic", "batch_size": 100, "binarize": False}},
}


pytestmark = pytest.mark.usefixtures("compiler")


@pytest.fixture
def compiler() -> None:
    require_any("g++")


def asked(**changes: Any) -> str:
    return request_for(small_run(**{"architecture": MLP, **changes})).asked


@pytest.mark.parametrize("change", OF_THE_CODE.values(), ids=OF_THE_CODE)
def test_what_changes_the_code_asks_for_another_package(change: dict[str, Any]) -> None:
    assert asked(**change) != asked()


@pytest.mark.parametrize("change", OF_NO_CODE.values(), ids=OF_NO_CODE)
def test_what_is_no_code_asks_for_the_same_one(change: dict[str, Any]) -> None:
    assert asked(**change) == asked()


def test_every_compiler_and_the_processor_are_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = asked()
    listed = asking.compiled_by(small_run())
    assert listed.keys() == {"torch", "capability", "onednn", "threads", "options", "loop", "compiler", "processor"}
    for name in listed:
        monkeypatch.setattr(asking, "compiled_by", lambda _, name=name: listed | {name: "another"})
        assert asked() != before
    monkeypatch.undo()
    monkeypatch.setattr(torch, "__version__", "another")
    assert asked() != before


def test_without_a_compiler_nothing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(Unavailable, match="'no-such-compiler' is not installed"):
        asked()
    monkeypatch.setenv("CXX", "false")
    with pytest.raises(Unavailable, match="does not work"):
        asked()
