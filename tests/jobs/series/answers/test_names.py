"""Every evaluation says by which statistics batch normalization normalized."""

from collections.abc import Callable

import pytest

from jobs.series.answers import answers, exports
from tests.support.running_jobs import Run, ask, csv_of, rows

EVALUATIONS = {"test": rows([0, 5, 10], loss=[2.3, 1, 0.5], accuracy=[0.1, 0.5, 0.9])}


@pytest.mark.parametrize(
    ("spec", "used"),
    [
        ({"batch_norm": {"population": "algorithm2"}}, ["running", "running", "algorithm2"]),
        ({"batch_norm": True}, ["running"] * 3),
        (
            {
                "architecture": {
                    "layers": [{"kind": "batch_norm"}, {"kind": "flatten"}, {"kind": "linear", "features": 10}]
                }
            },
            ["running"] * 3,
        ),
        ({}, None),
    ],
)
def test_it_is_a_column_beside_loss_and_accuracy(
    new_run: Callable[..., Run], spec: dict[str, object], used: list[str] | None
) -> None:
    run = new_run(**spec)
    run.record(EVALUATIONS)
    answer = answers.metrics(run.series)
    assert answer["test"].get("statistics") == used
    assert "statistics" not in answer["train"]
    header, *lines = csv_of(exports.metrics, run, table="test").splitlines()
    assert header.split(",")[-1] == ("statistics" if used else "accuracy")
    if used:
        assert [line.split(",")[-1] for line in lines] == used


def test_a_part_of_the_series_says_it_of_its_own_rows(new_run: Callable[..., Run]) -> None:
    run = new_run(batch_norm={"population": "pooled"})
    run.record(EVALUATIONS)
    answer = ask(answers.metrics, run, start=6)
    assert answer["test"]["statistics"] == ["pooled"]
    nothing = ask(answers.metrics, run, start=7, stop=8)
    assert nothing["test"]["statistics"] == []
    assert csv_of(exports.metrics, run, table="test", start=7, stop=8) == "step,time,loss,accuracy,statistics\n"
