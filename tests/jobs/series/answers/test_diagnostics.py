"""What diagnostics have measured, as answers and as CSV."""

from collections.abc import Callable
from typing import Any

import pytest

from jobs.errors import InvalidQuery
from jobs.series.answers import exports
from tests.support.running_jobs import Run, csv_of, diagnostics, rows

ASKED = [{"name": "drift", "every": 5}, {"name": "rank", "every": 10}]


@pytest.fixture
def measured(new_run: Callable[..., Run]) -> Run:
    recording = {"activations_every": 1, "histograms_every": 5, "probe_every": 5, "units": 1, "diagnostics": ASKED}
    run = new_run(batch_norm=True, recording=recording)
    drift = {"hidden1__mean_gap": [0.5, 0.25, 0.125], "accuracy_running": [0.1, 0.5, 0.75]}
    run.record({"drift": rows([0, 5, 10], **drift), "rank": rows([0, 10], hidden1__rank=[2, 3], hidden2__rank=[4, 5])})
    return run


def test_they_come_by_name_and_layer_with_what_is_of_the_whole_network_beside(measured: Run) -> None:
    answer = diagnostics(measured)
    assert answer["complete"] is True
    assert answer["diagnostics"] == {
        "drift": {
            "step": [0, 5, 10],
            "hidden1": {"mean_gap": [0.5, 0.25, 0.125]},
            "accuracy_running": [0.1, 0.5, 0.75],
        },
        "rank": {"step": [0, 10], "hidden1": {"rank": [2, 3]}, "hidden2": {"rank": [4, 5]}},
    }


def test_some_are_chosen_by_name_and_layer_and_range(measured: Run) -> None:
    answer = diagnostics(measured, names=["rank"], layers=["hidden2"], start=1)
    assert answer["diagnostics"] == {"rank": {"step": [10], "hidden2": {"rank": [5]}}}
    only = diagnostics(measured, names=["drift"], layers=["hidden1"])["diagnostics"]["drift"]
    assert set(only) == {"step", "hidden1", "accuracy_running"}


def test_one_of_them_is_csv(measured: Run) -> None:
    text = csv_of(exports.diagnostics, measured, table="drift")
    assert text.splitlines() == [
        "step,time,hidden1.mean_gap,accuracy_running",
        "0,1700000000.0,0.5,0.1",
        "5,1700000002.5,0.25,0.5",
        "10,1700000005.0,0.125,0.75",
    ]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"names": ["jacobian"]}, "'jacobian' matches nothing; there is: drift, rank"),
        ({"layers": ["hidden9"]}, "'hidden9' matches nothing; there is: hidden1, hidden2"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(measured: Run, query: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidQuery, match=says):
        diagnostics(measured, **query)


def test_a_job_that_asked_for_none_has_none(new_run: Callable[..., Run]) -> None:
    answer = diagnostics(new_run())
    assert (answer["diagnostics"], answer["complete"]) == ({}, True)


def test_a_series_that_lacks_a_measurement_is_not_complete(new_run: Callable[..., Run]) -> None:
    recording = {"activations_every": 1, "histograms_every": 5, "probe_every": 5, "units": 1, "diagnostics": ASKED}
    run = new_run(batch_norm=True, recording=recording)
    run.record({"drift": rows([0, 5], accuracy_running=0.5), "rank": rows([0, 10], hidden1__rank=1)})
    assert diagnostics(run)["complete"] is False
    assert diagnostics(run, names=["rank"])["complete"] is True
