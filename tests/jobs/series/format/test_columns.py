"""What a document says will be recorded is what a training records."""

from typing import Any

import pytest

from bn.architecture.measures import DIAGNOSTIC_NAMES
from jobs.series.format.columns import expected
from tests.support.small_runs import recorded, small_run
from tests.worker.record.test_diagnostics import NETWORKS

CONVOLUTION = {"kind": "conv2d", "channels": 2, "padding": 1, "activation": "tanh"}
SMALL = {name: NETWORKS[name] for name in ("mlp", "with dropout")} | {
    "with a residual": {
        "layers": [
            CONVOLUTION,
            {"kind": "residual", "layers": [CONVOLUTION], "activation": "relu"},
            {"kind": "global_average_pool"},
            {"kind": "linear", "features": 10},
        ]
    }
}
ALL = [{"name": name, "every": 4} for name in DIAGNOSTIC_NAMES]
FEW = {"data": {"dataset": "synthetic", "batch_size": 20, "train_samples": 110}, "training": {"steps": 2}}


@pytest.mark.parametrize("batch_norm", [True, False])
@pytest.mark.parametrize("architecture", SMALL.values(), ids=SMALL)
def test_what_is_expected_of_a_job_is_what_it_records(architecture: dict[str, Any], batch_norm: bool) -> None:
    recording = {"units": 2, "probe_size": 50, "histograms_every": 2, "diagnostics": ALL}
    run = small_run(**FEW, architecture=architecture, batch_norm=batch_norm, recording=recording)
    assert sets(expected(run.resolved)) == sets({table: rows.columns for table, rows in recorded(run).items()})


def test_what_is_never_due_is_not_expected() -> None:
    recording = {"units": 0, "histograms_every": 5, "activations_every": 5, "diagnostics": [{"name": "drift"}]}
    run = small_run(**FEW, batch_norm=False, recording=recording)
    assert sets(expected(run.resolved)) == sets({table: rows.columns for table, rows in recorded(run).items()})
    assert set(expected(run.resolved)) == {"train", "test"}


def sets(series: dict[str, Any]) -> dict[str, set[str]]:
    return {table: set(names) for table, names in series.items()}
