"""The engine for a GPU, all of it but the CUDA graph itself: `tests/gpu` has that."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from jobs.spec.engines import Choice
from tests.support.graphs import repeated
from tests.support.small_runs import small_run
from tests.support.steps import each_batch, take
from worker.engine import ON_GPU, chosen
from worker.train.engines.eager import Eager
from worker.train.engines.flat import FlatStep, learned_tensors
from worker.train.engines.graphed import Graphed, Replay
from worker.train.engines.packages import Unavailable
from worker.train.loop import blocks
from worker.train.state import Run, initial_state

LAYERS = [
    {"kind": "conv2d", "channels": 4, "kernel": 5, "stride": 2, "activation": "tanh", "batch_norm": {"noise": True}},
    {"kind": "dropout", "rate": 0.3},
    {"kind": "flatten"},
    {"kind": "linear", "features": 10},
]
RUNS: dict[str, dict[str, Any]] = {
    "mlp": {"architecture": {"preset": "mlp", "hidden": [10]}},
    "whitened": {
        "data": {"dataset": "synthetic", "batch_size": 100, "train_samples": 1050, "normalize": "whiten"},
        "architecture": {"preset": "mlp", "hidden": [10]},
    },
    "convnet with everything": {
        "data": {"dataset": "synthetic", "batch_size": 100, "train_samples": 1050, "normalize": "per_pixel"},
        "architecture": {"layers": LAYERS},
        "training": {
            "steps": 130,
            "optimizer": "adamw",
            "weight_decay": 0.01,
            "rate_factors": {"conv*": 0.5},
            "clip_gradient_norm": 0.5,
            "schedule": "cosine",
        },
    },
}


@pytest.mark.parametrize("name", RUNS)
def test_it_takes_the_steps_that_the_eager_one_takes_to_the_bit(name: str) -> None:
    run = small_run(**RUNS[name])  # the eleventh batch has 50 examples instead of 100
    engine, other = Graphed(run, repeated), Eager(run)
    state, its = initial_state(run), initial_state(run)
    rows = []
    for (pixels, labels), (same, same_labels) in zip(*(each_batch(run, 1, 24) for _ in range(2)), strict=True):
        rows.append((take(engine, state, pixels, labels), take(other, its, same, same_labels)))
        pairs = zip(learned_tensors(state.learned), learned_tensors(its.learned), strict=True)
        assert all(mine.equal(right) for mine, right in pairs)
        assert state.step == its.step
    for mine, right in rows:  # all of them at the end: no later step has written into the row of an earlier one
        assert mine.loss.equal(right.loss)
        assert mine.activations is not None
        assert right.activations is not None
        assert mine.activations.equal(right.activations)


def test_it_goes_on_from_a_state_that_another_engine_made() -> None:
    run = small_run(**RUNS["convnet with everything"])
    whole, state = initial_state(run), initial_state(run)
    for _ in blocks(run, whole, Graphed(run, repeated)):
        pass
    for block in blocks(run, state, Graphed(run, repeated)):
        if block.last >= 40:
            break
    resumed = deepcopy(state)
    for _ in blocks(run, resumed, Graphed(run, repeated)):
        pass
    pairs = zip(learned_tensors(resumed.learned), learned_tensors(whole.learned), strict=True)
    assert all(mine.equal(its) for mine, its in pairs)


def test_to_capture_it_nothing_that_anybody_holds_is_written_into() -> None:
    run = small_run(**RUNS["mlp"])
    state = initial_state(run)
    before = learned_tensors(state.learned)
    copies = [tensor.clone() for tensor in before]
    ((pixels, labels),) = each_batch(run, 1, 1)
    take(Graphed(run, repeated), state, pixels, labels)
    assert all(tensor.equal(copy) for tensor, copy in zip(before, copies, strict=True))


def test_the_inside_is_measured_at_the_steps_that_the_document_names() -> None:
    run = small_run(**RUNS["mlp"], recording={"activations_every": 3, "histograms_every": 4})
    engine, state = Graphed(run, repeated), initial_state(run)
    every = each_batch(run, 1, 8)
    inside = [take(engine, state, pixels, labels).activations is not None for pixels, labels in every]
    assert inside == [False, False, True, True, False, True, False, True]


def test_a_step_that_cannot_be_captured_is_not_to_be_had_and_says_why() -> None:
    def fails(_step: FlatStep, _tensors: list[Tensor]) -> Replay:
        raise RuntimeError("operation not permitted when stream is capturing\nand what else CUDA says")

    with pytest.raises(
        Unavailable, match=r"graph cannot be captured: operation not permitted when stream is capturing$"
    ):
        Graphed(small_run(**RUNS["mlp"]), fails)


def on_gpu(asked: str, taken: Choice) -> Run:
    """A run that a worker would train on a GPU, of which nothing is there but the name."""
    run = small_run(**RUNS["mlp"], resources={"engine": asked})
    return replace(run, device=torch.device("cuda"), resolved=run.resolved.taken_by(taken))


def test_on_a_gpu_what_was_left_open_is_captured_unless_the_run_began_eagerly() -> None:
    eager = Choice("eager", "it was decided so")
    assert chosen(on_gpu("auto", eager), begun=False) == Choice("compiled", ON_GPU)
    assert chosen(on_gpu("auto", eager), begun=True) == eager
    assert chosen(on_gpu("eager", eager), begun=False) == eager
    assert chosen(small_run(**RUNS["mlp"]), begun=False).engine == "eager"


def test_its_identity_is_that_of_no_package() -> None:
    assert Graphed(small_run(**RUNS["mlp"]), repeated).identity == {"engine": "compiled", "package": "cuda graph"}
