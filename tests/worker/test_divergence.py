"""Trainings that diverge."""

import torch

from tests.worker.runs import small_run
from worker.divergence import advice, first_non_finite, up_to, where_it_began
from worker.state import initial_state
from worker.training import blocks


def test_a_block_is_cut_at_its_first_loss_that_is_not_finite() -> None:
    run = small_run()
    block = list(blocks(run, initial_state(run)))[2]
    assert first_non_finite(block) is None
    broken = block.losses[1].steps[2]
    block.losses[1].values[2:, 0] = float("nan")
    assert first_non_finite(block) == broken
    cut = up_to(block, broken)
    steps = [step for rows in cut.losses for step in rows.steps]
    assert steps == list(range(block.first, broken + 1))
    assert (cut.last, len(cut.times), cut.evaluation) == (broken, len(steps), None)


def test_the_layer_is_named_where_it_began() -> None:
    run = small_run(architecture={"preset": "resnet", "channels": 2}, training={"steps": 1})
    state = initial_state(run)
    assert state.network.layers[3].name == "stage1.0"
    with torch.no_grad():
        state.network.weights["stage1.1.conv1"][0] = float("inf")
    _, block = blocks(run, state)
    assert first_non_finite(block) == 1
    assert where_it_began(run, state.network, block, 1) == "stage1.1.conv1"
    said = advice(run, state.network, block, 1)
    assert "the loss at step 1 is not a finite number, first at layer 'stage1.1.conv1'" in said
    assert "a learning rate below 0.1" in said


def test_no_layer_is_named_where_none_was_measured() -> None:
    run = small_run(recording={"activations_every": 1000, "histograms_every": 1000, "units": 0})
    state = initial_state(run)
    with torch.no_grad():
        state.network.weights["hidden1"][0] = float("nan")
    block = list(blocks(run, state))[1]
    assert where_it_began(run, state.network, block, 1) is None
    assert "not a finite number: the training" in advice(run, state.network, block, 1)
