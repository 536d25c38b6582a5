"""The inside of networks as answers: by layer and statistic, units, and histograms."""

from collections.abc import Callable

import numpy as np
import pytest

from jobs.errors import InvalidQuery
from jobs.series.format.schema import Rows
from jobs.series.read.cuts import Query
from jobs.series.read.selection import select
from tests.support.running_jobs import Run, activations, histograms, rows, train


def inside(step: list[int]) -> Rows:
    """Activations of two layers with taps, and of one that only has weights."""
    at = np.array(step)
    means = {"hidden1__mean": at / 10, "hidden1__p50": at / 5, "stage2.0.conv1__mean": -at / 10}
    return rows(at, **means, output__norm=at)


def test_activations_are_by_layer_and_statistic(run: Run) -> None:
    run.record({"train": train(1, 2), "activations": inside([1, 2])})
    answer = activations(run)
    assert list(answer) == [
        *("job", "status", "attempt", "complete", "watermark", "sampled", "next", "step", "layers"),
        *("nonfinite", "sample"),
    ]
    assert answer["watermark"] == 2
    assert answer["step"] == [1, 2]
    assert answer["layers"] == {
        "hidden1": {"mean": [0.1, 0.2], "p50": [0.2, 0.4]},
        "stage2.0.conv1": {"mean": [-0.1, -0.2]},
        "output": {"norm": [1, 2]},
    }
    assert answer["sample"] == dict.fromkeys(("hidden1", "hidden2", "hidden3"), 858)


def test_layers_and_statistics_are_chosen_by_name(run: Run) -> None:
    run.record({"activations": inside([1])})
    assert activations(run, layers=["hidden1"], statistics=["mean"])["layers"] == {"hidden1": {"mean": [0.1]}}
    assert activations(run, statistics=["p50", "norm"])["layers"] == {
        "hidden1": {"p50": [0.2]},
        "output": {"norm": [1]},
    }
    some = activations(run, layers=["output", "hidden1"])
    assert list(some["layers"]) == ["hidden1", "output"]
    assert some["sample"] == {"hidden1": 858}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            {"layers": ["output", "nobody"]},
            "layer: 'nobody' matches nothing; there is: hidden1, stage2.0.conv1, output",
        ),
        ({"statistics": ["p99"]}, "statistic: 'p99' matches nothing; there is: mean, p50, norm"),
        ({"layers": ["output"], "statistics": ["p50"]}, "statistic: 'p50' matches nothing; there is: norm"),
    ],
)
def test_a_name_that_matches_nothing_is_refused_with_those_that_would(
    run: Run, query: dict[str, list[str]], message: str
) -> None:
    run.record({"activations": inside([1])})
    with pytest.raises(InvalidQuery) as refused:
        activations(run, **query)
    assert str(refused.value) == message


def test_units_and_histograms_come_when_asked_for(run: Run) -> None:
    run.record(
        {
            "activations": inside([1, 2, 3, 4, 5]),
            "units": rows([5], hidden1__50__p15=-1, hidden1__50__p50=0.5, stage2__50__p50=0),
            "histograms": histograms([5], "hidden1"),
        }
    )
    answer = activations(run, "units", "histograms", layers=["hidden1"], statistics=["mean"])
    assert answer["step"] == [1, 2, 3, 4, 5]
    assert answer["units"] == {"step": [5], "hidden1": {"50": {"p15": [-1], "p50": [0.5]}}}
    assert answer["histograms"]["step"] == [5]
    assert answer["histograms"]["hidden1"] == {"lo": [-5], "hi": [5], "counts": [[500 + i for i in range(64)]]}
    assert "units" not in activations(run)
    assert "histograms" not in activations(run)


def test_thinned_histograms_are_those_of_each_bucket_added_up(run: Run) -> None:
    run.record({"activations": inside(list(range(1, 41))), "histograms": histograms(range(1, 41), "hidden1")})
    answer = activations(run, "histograms", points=6)
    assert answer["bucket_width"] == 16
    assert answer["step"] == answer["histograms"]["step"] == [1, 15, 31, 40]
    buckets = (range(1, 2), range(2, 16), range(16, 32), range(32, 41))
    total = [sum(64 * 100 * step + sum(range(64)) for step in bucket) for bucket in buckets]
    assert [sum(counts) for counts in answer["histograms"]["hidden1"]["counts"]] == total
    assert answer["histograms"]["hidden1"]["hi"] == [1, 15, 31, 40]
    assert list(answer["histograms"]["hidden1"]) == ["lo", "hi", "counts"]
    assert list(answer["layers"]["output"]) == ["norm", "norm.min", "norm.max", "norm.mean"]


def test_the_named_columns_of_thinned_histograms_come_and_no_others(run: Run) -> None:
    run.record({"histograms": histograms(range(1, 41), "hidden1")})
    for names in (("hidden1.lo",), ("hidden1.counts",), ("hidden1.hi", "hidden1.lo")):
        table = select(run.view, {"histograms": names}, Query(0, 99, 6)).tables["histograms"]
        assert tuple(table.columns) == names
        assert {len(parts[""]) for parts in table.columns.values()} == {len(table.step)} == {4}


def test_however_many_histograms_a_bucket_has_some_are_added_up_at_a_time(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.record({"activations": inside(list(range(1, 41))), "histograms": histograms(range(1, 41), "hidden1")})
    at_once = activations(run, "histograms", points=2)["histograms"]["hidden1"]["counts"]
    monkeypatch.setattr("jobs.series.read.selection.HISTOGRAMS_AT_ONCE", 3)
    assert activations(run, "histograms", points=2)["histograms"]["hidden1"]["counts"] == at_once


def test_a_thinned_range_may_have_no_histogram(run: Run) -> None:
    run.record({"activations": inside(list(range(1, 41))), "histograms": histograms([40], "hidden1")})
    assert list(activations(run, "histograms", points=6, stop=30)["histograms"]["step"]) == []


def test_what_is_not_finite_inside_the_network_is_listed_by_table(run: Run) -> None:
    run.record(
        {
            "activations": rows([1], hidden1__mean=np.nan),
            "units": rows([5], hidden1__50__p15=np.inf),
            "histograms": Rows(np.array([5]), np.zeros(1), {"hidden1.lo": np.array([-np.inf], np.float32)}),
        }
    )
    answer = activations(run, "units", "histograms")
    assert answer["nonfinite"] == {
        "activations.hidden1.mean": [[1, 1, "NaN"]],
        "units.hidden1.50.p15": [[5, 5, "Infinity"]],
        "histograms.hidden1.lo": [[5, 5, "-Infinity"]],
    }


def test_activations_are_complete_once_every_table_that_was_asked_for_is(run: Run, new_run: Callable[..., Run]) -> None:
    run.record({"activations": inside(list(range(1, 11))), "units": rows([0, 5, 10], hidden1__50__p15=0)})
    assert activations(run)["complete"]
    assert activations(run, "units")["complete"]
    assert not activations(run, "units", "histograms")["complete"]
    without_taps = new_run(job_id="bare", architecture={"preset": "mlp", "hidden": []})
    without_taps.record({"activations": inside(list(range(1, 11)))})
    assert activations(without_taps, "histograms")["complete"]
