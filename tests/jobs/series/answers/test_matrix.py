"""The series of one job as a matrix, for heat maps."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.errors import InvalidQuery
from jobs.series.answers.several import COLUMNS, Asked
from tests.jobs.series.answers.test_several import ENDS, asked, matrix_of, recorded, series_of
from tests.support.running_jobs import Run, rows


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 10_000), points=st.integers(2, 40), column=st.sampled_from(list(COLUMNS)))
def test_a_matrix_has_the_columns_of_the_table_as_rows(
    new_run: Callable[..., Run], seed: int, points: int, column: str
) -> None:
    run = recorded(new_run, seed)
    wanted = asked("activations.*.p50", points=points, columns=(column,), time=True)
    answer, job = matrix_of(run, wanted), series_of([run], wanted)["jobs"][run.job.id]
    table = job["tables"]["activations"]
    assert (answer["step"], answer["time"]) == (table["step"], table["time"])
    assert answer["names"] == ["activations.hidden1.p50", "activations.hidden2.p50"]
    assert answer["layers"] == ["hidden1", "hidden2"]
    assert answer["values"] == [table[f"{name}{ENDS[column]}"] for name in answer["names"]]
    assert answer["nonfinite"] == job["nonfinite"]
    assert (answer["job"], answer["column"], answer["digits"]) == (run.job.id, column, None)


def test_rows_are_in_the_order_of_the_networks_layers(new_run: Callable[..., Run]) -> None:
    run = new_run(architecture={"preset": "mlp", "hidden": [100] * 11})
    run.record({"activations": rows([1, 2], **{f"hidden{i}__p50": float(i) for i in (11, 2, 1, 10)})})
    answer = matrix_of(run, asked("activations.*.p50"))
    assert answer["layers"] == ["hidden1", "hidden2", "hidden10", "hidden11"]
    assert answer["values"] == [[1, 1], [2, 2], [10, 10], [11, 11]]


def test_what_is_of_the_whole_network_has_no_layer_and_a_unit_its_number(new_run: Callable[..., Run]) -> None:
    run = recorded(new_run, 3)
    assert matrix_of(run, asked("drift.*"))["layers"] == ["hidden1", None]
    assert matrix_of(run, asked("units.*"))["layers"] == ["hidden1.50"] * 2


def test_a_matrix_says_where_it_is_not_finite(run: Run) -> None:
    run.record({"train": rows([1, 2, 3], loss=[1, np.nan, np.inf], accuracy=0.5)})
    answer = matrix_of(run, asked("train.loss"))
    assert answer["values"] == [[1.0, None, None]]
    assert answer["nonfinite"] == {"train.loss": [[2, 2, "NaN"], [3, 3, "Infinity"]]}


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (asked("train.loss", columns=("min", "max")), "columns: a matrix has exactly one of: value, min, max, mean"),
        (asked("*.loss"), "names: a matrix is of one table; these series are of: train, test"),
    ],
)
def test_what_is_no_matrix_is_refused(run: Run, wanted: Asked, says: str) -> None:
    with pytest.raises(InvalidQuery, match=says):
        matrix_of(run, wanted)
