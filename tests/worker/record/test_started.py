"""A run that starts from another job's network goes on from it, and leaves what is frozen as it was."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from bn.architecture.tensors import layer_of, tensor_shapes
from jobs.datasets.catalogue import Dataset
from jobs.datasets.loading import load
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.initial import Initial, StoredNetwork
from jobs.spec.known import in_catalogue
from tests.support.packages import MOST, compiled
from tests.support.small_runs import NOWHERE, small_run
from worker.record.checkpoint import capture, encode, restore, started_from
from worker.train.engines.eager import Eager
from worker.train.engines.packages import Packages
from worker.train.engines.protocol import Engine
from worker.train.loop import blocks
from worker.train.state import Run, State, initial_state, prepare_run

STEPS = 6
LAYERS = [
    {"kind": "linear", "features": 12, "activation": "tanh"},
    {"kind": "dropout", "rate": 0.3},
    {"kind": "linear", "features": 10},
]
NETWORK = {
    "architecture": {"layers": [{"kind": "flatten"}, *LAYERS]},
    "data": {"dataset": "synthetic", "batch_size": 10, "train_samples": 75, "augment": {"shift": 1}},
    "evaluation": {"every": 4},
    "recording": {"probe_size": 20},
}
OPTIMIZERS: dict[str, Any] = {
    "sgd": {"kind": "sgd", "learning_rate": 0.1},
    "momentum": {"kind": "momentum", "learning_rate": 0.01},
    "adam": {"kind": "adam", "learning_rate": 0.001},
}


@dataclass(frozen=True)
class Stored:
    """Another job's network, as a server finds it, and the datasets of the catalogue."""

    network: StoredNetwork
    settings: Settings

    def dataset(self, name: str) -> Dataset | None:
        return in_catalogue(self.settings).dataset(name)

    def datasets(self) -> tuple[str, ...]:
        return in_catalogue(self.settings).datasets()

    def weights(self, initial: Initial) -> StoredNetwork:  # noqa: ARG002 - a name that the protocol gives
        return self.network


def run_of(steps: int, optimizer: Any, **training: Any) -> Run:
    return small_run(**NETWORK, training={"steps": steps, "optimizer": optimizer, **training})


def started(first: Run, steps: int, **initial: Any) -> Run:
    """A run of the same document that starts from the other one's network after its last step."""
    resolved = first.resolved
    stored = StoredNetwork(resolved.steps, "0" * 64, tensor_shapes(first.plan), first.spec.training, 0, None)
    document = resolved.document | {"initial": {"job": "other", **initial}}
    document["training"] = document["training"] | {"steps": steps}
    accepted = check(json.dumps(document), Stored(stored, Settings()))
    return prepare_run(accepted, torch.device("cpu"), load(accepted.dataset.name, NOWHERE))


def take(run: Run, state: State, engine: Engine, until: int | None = None) -> State:
    """Train the state to the end, or as far as this step."""
    for block in blocks(run, state, engine):
        if until is not None and block.last >= until:
            break
    return state


def bits(state: State) -> dict[str, bytes]:
    return {name: tensor.numpy().tobytes() for name, tensor in state.learned.tensors.items()}


def stored(run: Run, state: State) -> memoryview:
    return memoryview(encode(capture(run, state), {}))


def from_half(optimizer: str) -> tuple[State, Run, State]:
    """The state after all steps at once, and the run of the second half with the state that it begins with."""
    whole, first = (run_of(steps, OPTIMIZERS[optimizer]) for steps in (2 * STEPS, STEPS))
    expected = take(whole, initial_state(whole), Eager(whole))
    half = stored(first, take(first, initial_state(first), Eager(first)))
    second = started(first, STEPS, optimizer="copy")
    return expected, second, started_from(second, initial_state(second), half)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_on_ends_with_the_weights_of_one_job_of_all_the_steps(optimizer: str) -> None:
    expected, second, begun = from_half(optimizer)
    assert bits(take(second, begun, Eager(second))) == bits(expected)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_so_it_does_where_it_is_interrupted_on_its_way(optimizer: str) -> None:
    expected, second, begun = from_half(optimizer)
    second = replace(second, resolved=replace(second.resolved, block_steps=1))
    part = take(second, begun, Eager(second), until=2)
    resumed, _ = restore(second, stored(second, part))
    assert resumed.step == 2
    assert bits(take(second, resumed, Eager(second))) == bits(expected)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_frozen_layers_keep_their_bits(optimizer: str) -> None:
    first = run_of(STEPS, OPTIMIZERS[optimizer], weight_decay=0.1)
    half = stored(first, take(first, initial_state(first), Eager(first)))
    second = started(first, STEPS, frozen=["linear1"])
    begun = started_from(second, initial_state(second), half)
    before = bits(begun)
    after = bits(take(second, begun, Eager(second)))
    assert {layer_of(name) for name in before if after[name] == before[name]} == {"linear1"}
    assert all(after[name] == before[name] for name in before if layer_of(name) == "linear1")


def test_frozen_layers_keep_their_bits_in_a_compiled_step_too(packages: Path) -> None:
    first = run_of(STEPS, OPTIMIZERS["adam"], weight_decay=0.1)
    second = started(first, STEPS, frozen=["linear1"])
    begun = started_from(second, initial_state(second), stored(first, initial_state(first)))
    before = bits(begun)
    after = bits(take(second, begun, compiled(second, Packages(packages, MOST))))
    assert {layer_of(name) for name in before if after[name] == before[name]} == {"linear1"}
    assert all(after[name] == before[name] for name in before if layer_of(name) == "linear1")


def test_layers_that_are_not_taken_over_are_drawn_from_the_seed() -> None:
    first = run_of(STEPS, OPTIMIZERS["sgd"])
    trained = take(first, initial_state(first), Eager(first))
    second = started(first, STEPS, layers=["linear1"], batch_norm="reset")
    fresh = initial_state(second)
    begun = bits(started_from(second, fresh, stored(first, trained)))
    taken = {name for name in begun if begun[name] == bits(trained)[name] != bits(fresh)[name]}
    assert taken == {"linear1.transform.weight"}
    assert all(begun[name] == bits(fresh)[name] for name in begun if name not in taken)
