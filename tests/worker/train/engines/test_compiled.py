"""The compiled engine: as exact as the eager one, the same from call to call, and never given what it was not made for.

`make engines` has every preset, optimizer and option; here are a few.
"""

import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.support.packages import MOST, compiled, package_of
from tests.support.small_runs import small_run
from tests.support.steps import apart, each_batch, take
from worker.train.engines.compiled import Compiled
from worker.train.engines.eager import Eager
from worker.train.engines.flat import learned_tensors
from worker.train.engines.packages import Input, Package, Packages, Unavailable
from worker.train.loop import blocks
from worker.train.state import Run, State, initial_state

CONVNET = [
    {"kind": "conv2d", "channels": 4, "kernel": 5, "stride": 2, "activation": "tanh", "batch_norm": {"noise": True}},
    {"kind": "dropout", "rate": 0.3},
    {"kind": "flatten"},
    {"kind": "linear", "features": 10},
]
RUNS: dict[str, dict[str, Any]] = {
    "mlp": {"architecture": {"preset": "mlp", "hidden": [100, 20]}},
    "convnet with everything": {
        "data": {"dataset": "synthetic", "batch_size": 100, "train_samples": 1050, "normalize": "per_pixel"},
        "architecture": {"layers": CONVNET},
        "training": {
            "steps": 130,
            "optimizer": "adamw",
            "weight_decay": 0.01,
            "rate_factors": {"conv*": 0.5},
            "clip_gradient_norm": 0.5,
            "label_smoothing": 0.1,
            "schedule": "cosine",
        },
    },
}


@pytest.fixture
def folder(packages: Path) -> Packages:
    return Packages(packages, MOST)


@pytest.mark.parametrize("name", RUNS)
def test_one_step_from_equal_state_is_the_eager_one_to_rounding(folder: Packages, name: str) -> None:
    run = small_run(**RUNS[name])
    assert apart(run, compiled(run, folder)) <= 1e-5


@pytest.mark.parametrize("name", RUNS)
def test_the_same_run_gives_the_same_bits_wherever_it_is_cut(folder: Packages, name: str) -> None:
    run = small_run(**RUNS[name])
    whole = trained(run, compiled(run, folder), initial_state(run))
    begun, engine = initial_state(run), compiled(run, folder)
    for block in blocks(run, begun, engine):
        if block.last >= 40:
            break
    resumed = trained(run, compiled(run, folder), deepcopy(begun))
    assert all(mine.equal(its) for mine, its in zip(resumed, whole, strict=True))


def trained(run: Run, engine: Compiled, state: State) -> list[Tensor]:
    for _ in blocks(run, state, engine):
        pass
    return learned_tensors(state.learned)


def test_a_batch_of_another_size_is_taken_eagerly(folder: Packages) -> None:
    run = small_run(**RUNS["mlp"])  # the eleventh batch has 50 examples instead of 100
    engine, state = compiled(run, folder), initial_state(run)
    for step, (pixels, labels) in enumerate(each_batch(run, 1, 12), start=1):
        other = deepcopy(state)
        take(engine, state, pixels, labels)
        if len(labels) != run.spec.data.batch_size:
            take(Eager(run), other, pixels, labels)
            pairs = zip(learned_tensors(state.learned), learned_tensors(other.learned), strict=True)
            assert all(mine.equal(its) for mine, its in pairs)
        assert state.step == step


def test_what_another_holds_is_never_written_into(folder: Packages) -> None:
    run = small_run(**RUNS["mlp"])
    engine, state = compiled(run, folder), initial_state(run)
    before = learned_tensors(state.learned)
    copies = [tensor.clone() for tensor in before]
    ((pixels, labels),) = each_batch(run, 1, 1)
    take(engine, state, pixels, labels)
    assert all(tensor.equal(copy) for tensor, copy in zip(before, copies, strict=True))


def test_the_inside_is_measured_at_the_steps_that_the_document_names(folder: Packages) -> None:
    run = small_run(**RUNS["mlp"], recording={"activations_every": 3, "histograms_every": 4})
    engine, state = compiled(run, folder), initial_state(run)
    every = each_batch(run, 1, 8)
    inside = [take(engine, state, pixels, labels).activations is not None for pixels, labels in every]
    assert inside == [False, False, True, True, False, True, False, True]


def test_it_says_what_its_bits_depend_on(folder: Packages) -> None:
    run = small_run(**RUNS["mlp"])
    assert compiled(run, folder).identity == {"engine": "compiled", "package": package_of(run, folder).key[:16]}


def test_a_package_that_cannot_be_loaded_is_not_to_be_had(tmp_path: Path) -> None:
    (tmp_path / "step.so").write_bytes(b"no library")
    with pytest.raises(Unavailable, match="cannot be loaded"):
        Compiled(small_run(**RUNS["mlp"]), Package("a" * 64, tmp_path, (Input((), (), "float32"),), 1.0))


def test_to_load_a_package_neither_dynamo_nor_sympy_is_imported(folder: Packages) -> None:
    run = small_run(**RUNS["mlp"])
    place = package_of(run, folder).place
    program = f"""
import sys
from pathlib import Path
import worker.trainer, worker.engine
from worker.train.determinism import be_deterministic
from worker.train.engines.library import Library
be_deterministic()
Library(Path({str(place)!r}))
print([name for name in ("sympy", "torch._dynamo", "torch._inductor") if name in sys.modules])
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
    assert torch.__version__
