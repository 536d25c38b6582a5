"""Trainings that diverge."""

from dataclasses import replace
from math import isfinite

import numpy as np
import pytest
import torch

from bn.architecture.measures import DIAGNOSTIC_NAMES
from tests.support.documents import otherwise
from tests.support.small_runs import recorded, small_run
from worker.train.divergence import advice, first_non_finite, up_to, where_it_began
from worker.train.engines.eager import Eager
from worker.train.loop import blocks
from worker.train.state import initial_state


def test_a_block_is_cut_at_its_first_loss_that_is_not_finite() -> None:
    run = small_run()
    block = list(blocks(run, initial_state(run), Eager(run)))[2]
    assert first_non_finite(block) is None
    broken = block.losses[1].steps[2]
    block.losses[1].values[2:, 0] = float("nan")
    assert first_non_finite(block) == broken
    cut = up_to(block, broken)
    steps = [step for rows in cut.losses for step in rows.steps]
    assert steps == list(range(block.first, broken + 1))
    assert (cut.last, len(cut.times), cut.evaluations) == (broken, len(steps), {})


def test_the_layer_is_named_where_it_began() -> None:
    run = small_run(architecture={"preset": "resnet", "channels": 2}, training={"steps": 1})
    state = initial_state(run)
    assert run.network.layers[3].name == "stage1.0"
    state.learned.parameters["stage1.1.conv1.transform.weight"][0] = float("inf")
    _, block = blocks(run, state, Eager(run))
    assert first_non_finite(block) == 1
    assert where_it_began(run, block, 1) == "stage1.1.conv1"
    said = advice(run, block, 1)
    assert "the loss at step 1 is not a finite number, first at layer 'stage1.1.conv1'" in said
    assert "a learning rate below 0.1" in said


def test_no_layer_is_named_where_none_was_measured() -> None:
    run = small_run(recording={"activations_every": 1000, "histograms_every": 1000, "units": 0})
    state = initial_state(run)
    state.learned.parameters["hidden1.transform.weight"][0] = float("nan")
    block = list(blocks(run, state, Eager(run)))[1]
    assert where_it_began(run, block, 1) is None
    assert "not a finite number: the training" in advice(run, block, 1)


DEEP = {
    "preset": "mlp",
    "hidden": [100] * 50,
    "activation": "relu",
    "init": {"scheme": "normal", "std": 1.0},
}


def test_an_untrained_batch_norm_network_is_not_judged_by_running_statistics_that_have_not_arrived() -> None:
    run = small_run(architecture=DEEP, training={"steps": 40}, recording={"units": 0})
    untrained, *trained = blocks(run, initial_state(run), Eager(run))
    assert not isfinite(untrained.evaluations["test"].loss)
    assert [first_non_finite(block) for block in (untrained, *trained)] == [None] * (1 + len(trained))
    losses = torch.cat([rows.values[:, 0] for block in trained for rows in block.losses])
    assert losses[-5:].mean() < losses[:5].mean()


@pytest.mark.parametrize("std", [1e20, 1e39])
@pytest.mark.parametrize("schedule", [{}, {"warmup_steps": 5}])
def test_an_untrained_network_that_gives_nothing_finite_has_diverged(std: float, schedule: dict[str, int]) -> None:
    network = {"preset": "mlp", "activation": "relu", "init": {"scheme": "normal", "std": std}}
    run = small_run(architecture=network, batch_norm=False, training={"steps": 3, "schedule": schedule})
    state = initial_state(run)
    untrained = next(blocks(run, state, Eager(run)))
    assert first_non_finite(untrained) == 0
    said = advice(run, untrained, 0)
    assert said.startswith("the loss at step 0 is not a finite number: the training diverged; batch normalization or")


def test_a_batch_norm_network_whose_last_update_broke_its_weights_has_diverged() -> None:
    run = small_run(training={"steps": 1, "optimizer": {"learning_rate": 1e30}})
    state = initial_state(run)
    state.learned.parameters["output.transform.weight"].mul_(1e15)
    *_, last = blocks(run, state, Eager(run))
    assert last.evaluations
    assert first_non_finite(last) == 1


def test_once_the_population_is_measured_an_evaluation_that_is_not_finite_is_a_divergence() -> None:
    learning = {"steps": 10, "optimizer": {"learning_rate": 1e30}}
    for population, diverged in (("running", False), ("algorithm2", True)):
        network = {"preset": "mlp", "hidden": [6, 6]}
        run = small_run(architecture=network, batch_norm={"population": population}, training=learning)
        *_, block = blocks(run, initial_state(run), Eager(run))
        found = block.evaluations["test"]
        assert (isfinite(found.loss), found.has_diverged) == (not diverged, diverged)


@pytest.mark.parametrize("batch_norm", [True, False])
def test_no_diagnostic_ends_a_training_that_diverged(batch_norm: bool) -> None:
    run = small_run(
        architecture={"preset": "mlp", "activation": "relu", "hidden": [20, 20, 20]},
        batch_norm=batch_norm,
        training={"steps": 3, "optimizer": {"learning_rate": 1e25}, "on_non_finite": "continue"},
        recording={"diagnostics": [{"name": name, "every": 1} for name in DIAGNOSTIC_NAMES]},
    )
    tables = recorded(run)
    assert tables["train"].step.tolist() == [1, 2, 3]
    assert set(tables) >= set(run.resolved.diagnostics)
    assert not all(np.isfinite(values).all() for values in tables["landscape"].columns.values())


@pytest.mark.parametrize("population", ["algorithm2", "pooled"])
def test_frozen_batch_norm_has_no_population_to_be_measured_at_batch_size_1(population: str) -> None:
    run = small_run(
        data={"dataset": "synthetic", "batch_size": 1, "train_samples": 3},
        batch_norm={"frozen": True},
        training={"steps": 2},
        recording={"diagnostics": [{"name": "drift"}], "units": 0},
    )
    frozen = otherwise(run.resolved, "batch_norm", population=population)
    *_, last = blocks(replace(run, resolved=frozen), initial_state(run), Eager(run))
    assert last.last == 2
    assert set(last.diagnostics) <= {"drift"}
