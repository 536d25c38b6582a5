"""The engine for a GPU, on one: the same bits again, the results of the eager engine and of the CPU, and no waiting."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
import torch

from benchmarks.runs import NETWORKS
from tests.gpu.runs import STEPS, gpu_run, joined, same_bits, trained
from tests.support.steps import each_batch, take
from worker.train.engines.eager import Eager
from worker.train.engines.flat import learned_tensors
from worker.train.engines.graphed import Graphed
from worker.train.engines.protocol import Engine, RawRows
from worker.train.state import Run, initial_state

pytestmark = pytest.mark.gpu

OF_EAGER = 1e-5  # of its norm, the most by which a step's result may be off the eager one's, from equal state
OF_CPU = 1e-3  # of how far it moved, the most by which what was learned may be off the CPU's after FEW steps
OF_CPU_LOSS = 1e-4  # of the CPU's loss, the most by which a loss may be off it in those
FEW = 6  # the fifth is taken on the batch at an epoch's end
LAYERS: list[dict[str, Any]] = [
    {"kind": "conv2d", "channels": 8, "kernel": 5, "stride": 2, "activation": "relu"},
    {"kind": "max_pool"},
    {"kind": "dropout", "rate": 0.3},
    {"kind": "flatten"},
    {"kind": "linear", "features": 10},
]
OPTIONS: dict[str, dict[str, Any]] = {
    "adamw, clipped, smoothed": {
        "training": {
            "steps": STEPS,
            "optimizer": "adamw",
            "weight_decay": 0.01,
            "clip_gradient_norm": 0.5,
            "label_smoothing": 0.1,
            "schedule": "cosine",
        }
    },
    "dropout and pooling": {"architecture": {"layers": LAYERS}},
    "images that are moved": {
        "data": {"dataset": "synthetic", "batch_size": 64, "train_samples": 276, "augment": {"shift": 2, "flip": True}}
    },
    "without BN": {"batch_norm": False},
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("kind", [Graphed, Eager])
def test_two_runs_give_the_same_bits(name: str, kind: type[Graphed | Eager], device: torch.device) -> None:
    run = gpu_run(name, device)
    one, other = initial_state(run), initial_state(run)
    found = [trained(run, state, kind(run)) for state in (one, other)]
    assert same_bits(one, other)
    assert one.step == STEPS
    for mine, right in zip(*found, strict=True):
        assert all(a.values.equal(b.values) for a, b in zip(rows(mine), rows(right), strict=True))
        assert mine.evaluations == right.evaluations


def rows(block: Any) -> tuple[RawRows, ...]:
    return (*block.losses, *block.activations)


@pytest.mark.parametrize("name", NETWORKS)
def test_after_a_few_steps_it_is_where_the_cpu_is_within_the_tolerance(name: str, device: torch.device) -> None:
    runs = [gpu_run(name, where) for where in (device, torch.device("cpu"))]
    states = [initial_state(run) for run in runs]
    began = joined(learned_tensors(states[1].learned))
    assert joined(learned_tensors(states[0].learned)).equal(began)
    losses = []
    for run, state, kind in zip(runs, states, (Graphed, Eager), strict=True):
        engine: Engine = kind(run)
        every = each_batch(run, 1, FEW)
        losses.append([float(take(engine, state, pixels, labels).loss[0]) for pixels, labels in every])
    on_gpu, on_cpu = (joined(learned_tensors(state.learned)) for state in states)
    assert (on_gpu - on_cpu).norm() <= OF_CPU * (on_cpu - began).norm()
    assert losses[0] == pytest.approx(losses[1], rel=OF_CPU_LOSS)


def every_run(device: torch.device) -> Iterator[Run]:
    for name in NETWORKS:
        yield gpu_run(name, device)
    for changes in OPTIONS.values():
        yield gpu_run("convnet", device, **changes)


@pytest.mark.parametrize("case", range(len(NETWORKS) + len(OPTIONS)), ids=[*NETWORKS, *OPTIONS])
def test_each_step_is_the_eager_one_from_equal_state(case: int, device: torch.device) -> None:
    run = list(every_run(device))[case]
    engine, state, sizes = Graphed(run), initial_state(run), []
    for pixels, labels in each_batch(run, 1, 2 * FEW):
        other = deepcopy(state)
        mine, its = take(engine, state, pixels, labels), take(Eager(run), other, pixels, labels)
        assert mine.activations is not None
        assert its.activations is not None
        pairs = zip(learned_tensors(state.learned), learned_tensors(other.learned), strict=True)
        for found, right in (*pairs, (mine.loss, its.loss), (mine.activations, its.activations)):
            assert (found - right).double().norm() <= OF_EAGER * right.double().norm().clamp(min=1e-3)
        if len(labels) != run.spec.data.batch_size:  # it is the eager engine that takes it
            assert same_bits(state, other)
        sizes.append(len(labels))
    assert sizes.count(20) == 2  # and so the graph went on from a state that the eager engine had made, too


@contextmanager
def forbidden_to_wait() -> Iterator[None]:
    """Torch raises where it would wait for the device."""
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("name", ["dropout and pooling", "images that are moved", "adamw, clipped, smoothed"])
@pytest.mark.parametrize("kind", [Graphed, Eager])
def test_no_step_waits_for_the_device(name: str, kind: type[Graphed | Eager], device: torch.device) -> None:
    run = gpu_run("convnet", device, **OPTIONS[name])
    engine, state = kind(run), initial_state(run)

    def go_on(first: int, last: int) -> None:
        for pixels, labels in each_batch(run, first, last):
            take(engine, state, pixels, labels)

    go_on(1, FEW)  # libraries start, and what is made once is made
    torch.cuda.synchronize()
    with forbidden_to_wait():
        go_on(FEW + 1, 2 * FEW)
    with forbidden_to_wait(), pytest.raises(RuntimeError, match="synchronizing"):  # so it would have been seen
        learned_tensors(state.learned)[0].sum().item()


def test_the_row_of_a_step_is_not_changed_by_later_ones(device: torch.device) -> None:
    run = gpu_run("mlp", device)
    engine, state = Graphed(run), initial_state(run)
    losses, copies = [], []
    for pixels, labels in each_batch(run, 1, 4):
        losses.append(take(engine, state, pixels, labels).loss)
        copies.append(losses[-1].cpu())
    assert all(loss.cpu().equal(copy) for loss, copy in zip(losses, copies, strict=True))
    assert len({float(loss[0]) for loss in losses}) == 4


def test_one_graph_after_another_leaves_no_memory_behind(device: torch.device) -> None:
    run = gpu_run("convnet", device)
    held = []
    for _ in range(4):
        trained(run, initial_state(run), Graphed(run))
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        held.append(torch.cuda.memory_reserved())
    assert held[3] <= held[1]
