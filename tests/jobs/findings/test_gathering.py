from pathlib import Path

import numpy as np
import pytest

from jobs.series.format.columns import expected
from jobs.series.format.schema import ACTIVATIONS, TRAIN
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support import recorded_jobs
from tests.support.evidence import evidence_of, run_of, store
from tests.support.small_runs import recorded


@pytest.fixture(params=["sqlite"])
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def test_a_short_series_comes_row_by_row(database: Database, settings: Settings) -> None:
    run = run_of(training={"steps": 30}, recording={"activations_every": 10})
    tables = recorded(run)
    evidence = evidence_of(store(database, settings, run, tables))
    ratio = evidence.layers["hidden1"]["update_ratio"]
    assert ratio.first.tolist() == ratio.last.tolist() == [10, 20, 30]
    assert evidence.train["loss"].mean.tolist() == tables[TRAIN].columns["loss"].astype(np.float64).tolist()
    assert list(evidence.layers) == ["hidden1", "hidden2", "hidden3", "output"]


def test_a_long_series_comes_in_rows_that_leave_no_step_out(database: Database, settings: Settings) -> None:
    run = run_of(architecture={"preset": "mlp", "hidden": [4]}, training={"steps": 500})
    tables = recorded(run)
    loss = evidence_of(store(database, settings, run, tables)).train["loss"]
    assert len(loss.mean) <= 200
    assert loss.first[0] == loss.last[0] == 1
    assert (loss.first[1:] == loss.last[:-1] + 1).all()
    assert loss.last[-1] == 500
    exact = tables[TRAIN].columns["loss"]
    assert loss.greatest.max() == exact.max()
    assert loss.least.min() == exact.min()


def test_a_row_begins_with_a_step_that_was_measured(database: Database, settings: Settings) -> None:
    run = run_of(
        architecture={"preset": "mlp", "hidden": [4]}, training={"steps": 600}, recording={"activations_every": 25}
    )
    deviation = evidence_of(store(database, settings, run, recorded(run))).layers["hidden1"]["std"]
    assert deviation.first.tolist() == deviation.last.tolist() == list(range(25, 601, 25))


def test_a_very_deep_network_is_gathered_in_fewer_rows(database: Database, settings: Settings) -> None:
    layers = [{"kind": "linear", "features": 2, "activation": "sigmoid"}] * 900
    ends = [{"kind": "flatten"}, *layers, {"kind": "linear", "features": 10}]
    run = run_of(architecture={"layers": ends}, batch_norm=True, training={"steps": 300})
    recording = recorded_jobs.rows(range(1, 301), expected(run.resolved)[ACTIVATIONS])
    evidence = evidence_of(store(database, settings, run, {ACTIVATIONS: recording}))
    assert len(evidence.layers) == 901
    assert 2 <= len(evidence.layers["linear900"]["std"].mean) < 200


def test_the_first_value_that_is_not_finite_is_known_to_the_step(database: Database, settings: Settings) -> None:
    run = run_of(architecture={"preset": "mlp", "hidden": [4]}, training={"steps": 500})
    tables = recorded(run)
    tables[ACTIVATIONS].columns["hidden1.std"] = np.where(
        tables[ACTIVATIONS].step < 333, tables[ACTIVATIONS].columns["hidden1.std"], np.float32(np.inf)
    )
    evidence = evidence_of(store(database, settings, run, tables))
    assert evidence.layers["hidden1"]["std"].broken == 333
    assert evidence.layers["hidden1"]["saturated"].broken is None


def test_of_a_job_that_has_recorded_nothing_there_is_nothing(database: Database, settings: Settings) -> None:
    evidence = evidence_of(store(database, settings, run_of(), {}))
    assert (evidence.train, evidence.test, evidence.layers) == ({}, {}, {})
