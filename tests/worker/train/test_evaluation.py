"""`population`: what inference normalizes by once the training has ended."""

import numpy as np
import pytest
import torch

from bn.population import population_moments
from jobs.series.format import schema
from tests.support.small_runs import recorded, small_run
from worker.train.engines.eager import Eager
from worker.train.evaluation import evaluate, first_epoch
from worker.train.loop import blocks
from worker.train.state import State, initial_state, network_of

DATA = {"dataset": "synthetic", "batch_size": 100, "train_samples": 1050}


def ended(population: str) -> State:
    run = small_run(batch_norm={"population": population, "running_decay": 0.99})
    state = initial_state(run)
    for _ in blocks(run, state, Eager(run)):
        pass
    return state


@pytest.mark.parametrize("population", ["algorithm2", "pooled"])
def test_a_trained_network_keeps_the_statistics_of_the_training_set(population: str) -> None:
    state, running = ended(population), ended("running")
    run = small_run()
    with network_of(run, running) as network:
        expected = population_moments(network, first_epoch(run), population)  # type: ignore[arg-type]  # one of both
    before, after = running.learned.buffers, state.learned.buffers
    for name, moments in expected.items():
        torch.testing.assert_close(after[f"{name}.running_mean"], moments.mean.float())
        torch.testing.assert_close(after[f"{name}.running_var"], moments.variance.float())
        assert not torch.equal(after[f"{name}.running_mean"], before[f"{name}.running_mean"])
    for name, parameter in state.learned.parameters.items():
        assert torch.equal(parameter, running.learned.parameters[name])


def test_only_the_last_evaluation_is_by_them() -> None:
    settings = {"running_decay": 0.99}
    running = recorded(small_run(batch_norm=settings))[schema.TEST]
    pooled = recorded(small_run(batch_norm={**settings, "population": "pooled"}))[schema.TEST]
    assert np.array_equal(running.columns["loss"][:-1], pooled.columns["loss"][:-1])
    assert running.columns["loss"][-1] != pooled.columns["loss"][-1]
    state = ended("pooled")
    assert np.float32(evaluate(small_run(), state)["test"].loss) == pooled.columns["loss"][-1]


def test_the_first_epoch_is_every_training_example_once() -> None:
    run = small_run(data={**DATA, "binarize": True})  # whose sums are exact
    sizes = [len(images) for images in first_epoch(run)]
    assert sizes == [100] * 10 + [50]
    total = sum(images.sum().item() for images in first_epoch(run))
    assert total == run.dataset.inputs(run.dataset.train.images).sum().item()


def test_drift_is_of_the_running_statistics_even_at_the_end() -> None:
    run = small_run(
        batch_norm={"running_decay": 0.999, "population": "pooled"}, recording={"diagnostics": [{"name": "drift"}]}
    )
    assert recorded(run)["drift"].columns["hidden1.mean_gap"][-1] > 0.1
