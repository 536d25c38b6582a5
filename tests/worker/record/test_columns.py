"""Every recorded statistic beside the same computed directly from the whole activations."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jobs.series.format import schema
from tests.support.documents import otherwise
from tests.support.small_runs import recorded, small_run
from tests.support.steps import each_batch
from worker.record import columns
from worker.record.additions import additions
from worker.train.engines.eager import Eager
from worker.train.evaluation import evaluate
from worker.train.loop import blocks
from worker.train.noise import step_noise
from worker.train.state import Run, State, initial_state, network_of

FLOATS = st.floats(-1e6, 1e6, width=32)


@given(values=arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 40)), elements=FLOATS))
def test_percentiles_are_those_of_numpy(values: np.ndarray) -> None:
    found = columns.percentiles(np.sort(values, axis=1))
    for name, share in columns.PERCENTILES.items():
        expected = np.percentile(values.astype(np.float64), 100 * share, axis=1)
        np.testing.assert_allclose(found[name], expected, rtol=1e-5, atol=1e-6)


def state_before(run: Run, step: int) -> tuple[State, torch.Tensor, torch.Tensor]:
    """The state in front of a step, and the step's batch."""
    state = initial_state(run)
    shorter = replace(run, resolved=otherwise(run.resolved, "training", steps=step - 1))
    for _ in blocks(shorter, state, Eager(shorter)) if step > 1 else ():
        pass
    ((pixels, labels),) = each_batch(run, step, step)
    return state, run.dataset.inputs(pixels), labels


@pytest.mark.parametrize("batch_norm", [False, True, {"affine": False}, {"noise": True}])
@pytest.mark.parametrize("step", [1, 5, 11])
def test_what_is_recorded_is_what_direct_computation_gives(batch_norm: object, step: int) -> None:
    architecture = {"preset": "mlp", "hidden": [10, 7], "activation": "relu"}
    run = small_run(architecture=architecture, batch_norm=batch_norm, training={"steps": 12})
    tables = recorded(run)
    row = {name: values[step - 1] for name, values in tables[schema.ACTIVATIONS].columns.items()}
    train = {name: values[step - 1] for name, values in tables[schema.TRAIN].columns.items()}

    state, images, labels = state_before(run, step)
    with network_of(run, state) as network:
        logits, observed = network.observe(images, step_noise(run, step, len(labels)))
        parameters = dict(network.named_parameters())
    loss = torch.nn.functional.cross_entropy(logits, labels)
    gradients = dict(zip(parameters, torch.autograd.grad(loss, list(parameters.values())), strict=True))
    assert train["loss"] == loss.item()
    assert train["accuracy"] == np.float32((logits.argmax(1) == labels).float().mean().item())
    total = torch.cat([gradient.flatten() for gradient in gradients.values()]).norm()
    assert train["gradient_norm"] == pytest.approx(total.item(), rel=1e-5)

    rate = run.spec.training.optimizer.learning_rate
    for tap in ("hidden1", "hidden2"):
        weight = f"{tap}.transform.weight"
        a = observed.taps[tap].detach().double()
        # A tap of 100 x 10 values is its own sample.
        expected = {
            "mean": a.mean(),
            "std": a.std(correction=0),
            "min": a.min(),
            "max": a.max(),
            "dead": (a <= 0).all(0).double().mean(),
            "weight_norm": parameters[weight].norm(),
            "gradient_norm": gradients[weight].norm(),
            "update_ratio": rate * gradients[weight].norm() / parameters[weight].norm(),
        } | {name: torch.quantile(a, share) for name, share in columns.PERCENTILES.items()}
        for name, value in expected.items():
            assert row[f"{tap}.{name}"] == pytest.approx(value.item(), rel=2e-4, abs=2e-5), (tap, name)
        if batch_norm:
            moments, epsilon = observed.moments[tap], run.network.batch_norms[tap].eps
            running_mean, running_var = (
                state.learned.buffers[f"{tap}.batch_norm.{name}"] for name in ("running_mean", "running_var")
            )
            gap = ((moments.mean - running_mean).abs() / (running_var + epsilon).sqrt()).max()
            ratio = ((moments.variance + epsilon) / (running_var + epsilon)).log().abs().max()
            assert row[f"{tap}.mean_gap"] == pytest.approx(gap.item(), rel=1e-4)
            assert row[f"{tap}.variance_ratio"] == pytest.approx(ratio.item(), rel=1e-4, abs=1e-6)


def test_saturated_is_the_share_beyond_the_threshold_of_each_activation() -> None:
    for activation, derivative in (("sigmoid", torch.sigmoid), ("tanh", torch.tanh)):
        a = torch.tensor(columns.SATURATION[activation], dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(derivative(a), a)
        assert slope.item() == pytest.approx(0.01, rel=1e-3)


def test_every_table_has_the_steps_that_the_specification_asks_for() -> None:
    tables = recorded(small_run(recording={"activations_every": 3, "histograms_every": 10, "probe_every": 40}))
    assert tables[schema.TRAIN].step.tolist() == list(range(1, 131))
    assert tables[schema.TEST].step.tolist() == [0, 50, 100, 130]
    assert tables[schema.ACTIVATIONS].step.tolist() == list(range(3, 131, 3))
    assert tables[schema.HISTOGRAMS].step.tolist() == list(range(10, 131, 10))
    assert tables[schema.UNITS].step.tolist() == [0, 40, 80, 120, 130]
    counts = tables[schema.HISTOGRAMS].columns["hidden1.counts"].sum(1)
    assert set(counts.tolist()) <= {-(-100 * 100 // 11), -(-50 * 100 // 7)}


@pytest.mark.parametrize("block_steps", [1, 8])
def test_what_is_recorded_does_not_depend_on_the_length_of_a_block(block_steps: int) -> None:
    run = small_run()
    shorter = replace(run, resolved=replace(run.resolved, block_steps=block_steps))
    for table, rows in recorded(run).items():
        other = recorded(shorter)[table]
        assert np.array_equal(rows.step, other.step)
        for name, values in rows.columns.items():
            assert np.array_equal(values.view(np.uint32), other.columns[name].view(np.uint32)), name


def test_what_waits_to_be_stored_holds_no_more_memory_than_its_own() -> None:
    run = small_run()  # whose epochs end with a smaller batch
    state = initial_state(run)
    every = list(blocks(run, state, Eager(run)))
    for some in (every[:1], every[1:2], every):
        added, _ = additions(run, some, {})
        assert added
        held = [name for _, rows in added for name, values in rows.columns.items() if values.base is not None]
        assert held == []


def test_the_units_percentiles_are_of_the_probe_by_its_own_moments() -> None:
    run = small_run(training={"steps": 40})
    tables, state = recorded(run), initial_state(run)
    for _ in blocks(run, state, Eager(run)):
        pass
    with torch.no_grad(), network_of(run, state) as network:
        _, observed = network.observe(run.dataset.inputs(run.dataset.test.images[:1000]))
    for layer in ("hidden1", "hidden3"):
        values = observed.taps[layer][:, 50].numpy()
        for name, share in columns.PERCENTILES.items():
            found = tables[schema.UNITS].columns[f"{layer}.50.{name}"][-1]
            assert found == pytest.approx(np.percentile(values, 100 * share), rel=1e-5)


def test_evaluating_and_probing_leave_the_training_as_it_is() -> None:
    often = small_run(evaluation={"every": 7}, recording={"probe_every": 3})
    seldom = small_run(evaluation={"every": 1000}, recording={"units": 0})
    weights = []
    for run in (often, seldom):
        state = initial_state(run)
        for _ in blocks(run, state, Eager(run)):
            pass
        weights.append(state.learned.tensors)
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_an_untrained_network_is_evaluated_on_the_whole_test_set() -> None:
    run = small_run()
    state = initial_state(run)
    found = evaluate(run, state)["test"]
    with network_of(run, state) as network:
        logits = network(run.dataset.inputs(run.dataset.test.images))
    loss = torch.nn.functional.cross_entropy(logits.double(), run.dataset.test.labels)
    assert found.loss == pytest.approx(loss.item(), rel=1e-6)
    assert found.accuracy == (logits.argmax(1) == run.dataset.test.labels).double().mean().item()
