"""Diagnostics in a job: when they are measured, what they cost the training (nothing), and what `drift` shows."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bn.architecture.measures import DIAGNOSTIC_NAMES, DiagnosticName
from jobs.series.format import schema
from tests.support.small_runs import recorded, small_run
from worker.train.engines.eager import Eager
from worker.train.evaluation import diagnose, evaluate
from worker.train.loop import blocks
from worker.train.state import initial_state

ALL = [{"name": name, "every": 3 + i} for i, name in enumerate(DIAGNOSTIC_NAMES)]
NETWORKS: dict[str, dict[str, Any]] = {
    "mlp": {"preset": "mlp", "hidden": [12, 10], "activation": "relu"},
    "resnet": {"preset": "resnet", "channels": 2},
    "normalized from the input on": {
        "layers": [
            {"kind": "batch_norm", "affine": False},
            {"kind": "flatten"},
            {"kind": "linear", "features": 12, "activation": "relu", "batch_norm": True},
            {"kind": "linear", "features": 10},
        ]
    },
    "with dropout": {
        "layers": [
            {"kind": "flatten"},
            {"kind": "linear", "features": 12, "activation": "relu"},
            {"kind": "dropout"},
            {"kind": "linear", "features": 12, "activation": "tanh"},
            {"kind": "linear", "features": 10},
        ]
    },
}


@pytest.mark.parametrize("architecture", NETWORKS.values(), ids=NETWORKS)
def test_a_job_with_all_diagnostics_ends_bit_for_bit_as_without(architecture: dict[str, Any]) -> None:
    tables, weights = [], []
    for diagnostics in ([], ALL):
        run = small_run(
            architecture=architecture,
            data={"dataset": "synthetic", "batch_size": 20, "train_samples": 110, "augment": {}},
            training={"steps": 12, "optimizer": "adam", "clip_gradient_norm": 0.5},
            recording={"probe_size": 50, "probe_every": 5, "diagnostics": diagnostics},
        )
        state = initial_state(run)
        for _ in blocks(run, state, Eager(run)):
            pass
        weights.append(state.learned.tensors)
        tables.append(recorded(run))
    without, with_all = tables
    for name, rows in without.items():
        other = with_all[name]
        assert rows.step.tolist() == other.step.tolist()
        for column, values in rows.columns.items():
            assert np.array_equal(values.view(np.uint32), other.columns[column].view(np.uint32)), (name, column)
    assert all(weights[0][key].equal(weights[1][key]) for key in weights[0])
    assert set(with_all) - set(without) == set(DIAGNOSTIC_NAMES)


def test_they_are_measured_before_the_first_step_at_their_multiples_and_after_the_last() -> None:
    asked = [{"name": "rank", "every": 50}, {"name": "landscape", "every": 1000}]
    tables = recorded(small_run(recording={"diagnostics": asked}))
    assert tables["rank"].step.tolist() == [0, 50, 100, 130]
    assert tables["landscape"].step.tolist() == [0, 130]
    assert set(tables["rank"].columns) == {
        f"hidden{i}.{name}" for i in (1, 2, 3) for name in ("rank", "orthogonality_gap")
    }


@pytest.mark.parametrize("name", DIAGNOSTIC_NAMES)
def test_whoever_watches_hears_of_an_evaluation_and_of_a_diagnostic_while_they_go_on(name: DiagnosticName) -> None:
    heard: list[None] = []
    run = replace(small_run(recording={"diagnostics": [{"name": name}], "units": 0}), alive=lambda: heard.append(None))
    state = initial_state(run)
    evaluate(run, state)
    assert len(heard) == 2  # parts of the test set
    heard.clear()
    diagnose(run, state, name)
    assert heard


def test_what_measures_nothing_makes_no_table() -> None:
    run = small_run(batch_norm=False, recording={"diagnostics": [{"name": "drift"}, {"name": "rank"}]})
    assert "drift" not in recorded(run)
    assert "rank" in recorded(run)


def test_drift_shows_running_statistics_that_lag_and_what_that_costs() -> None:
    run = small_run(
        batch_norm={"running_decay": 0.999},
        data={"dataset": "synthetic", "batch_size": 100},
        training={"steps": 500},
        recording={"diagnostics": [{"name": "drift", "every": 1000}], "units": 0},
    )
    drift = recorded(run)["drift"]
    at_end = {name: float(values[-1]) for name, values in drift.columns.items()}
    # After 500 steps the running average still holds 0.999^500 = 0.61 of where it started.
    assert at_end["hidden1.variance_ratio"] > 0.3
    assert all(at_end[f"hidden{i}.mean_gap"] > 0.1 for i in (1, 2, 3))
    by_population = (at_end["accuracy_algorithm2"], at_end["accuracy_pooled"])
    assert at_end["accuracy_running"] < min(by_population) - 0.05
    assert abs(by_population[0] - by_population[1]) < 0.02
    assert abs(at_end["accuracy_batch"] - by_population[0]) < 0.05
    test = recorded(run)[schema.TEST]
    assert test.columns["accuracy"][-1] == pytest.approx(at_end["accuracy_running"], abs=1e-6)
