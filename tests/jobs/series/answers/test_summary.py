"""A series in a line, from the manifest alone, is what its rows say."""

from collections.abc import Callable
from itertools import count, pairwise
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.series.answers.summary import summary
from jobs.series.format.schema import cut
from tests.support.running_jobs import Run, histograms, rows, train

numbers = count()
values = st.floats(width=32, allow_subnormal=False) | st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0])


def said(run: Run, *tables: str) -> dict[str, Any]:
    found: dict[str, Any] = summary(run.series, tables)["summary"]
    return found


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(loss=st.lists(values, min_size=1, max_size=20), cuts=st.sets(st.integers(1, 19), max_size=4))
def test_it_is_what_the_rows_say_wherever_chunks_were_cut(
    new_run: Callable[..., Run], loss: list[float], cuts: set[int]
) -> None:
    run = new_run(job_id=f"job{next(numbers)}")
    whole = rows(np.arange(1, len(loss) + 1), loss=loss)
    edges = [0, *sorted(at for at in cuts if at < len(loss)), len(loss)]
    run.record(*({"train": cut(whole, slice(a, b))} for a, b in pairwise(edges)))
    found = said(run, "train")["train"]["loss"]
    column = whole.columns["loss"]
    finite = np.flatnonzero(np.isfinite(column))
    assert (found["count"], found["nonfinite"]) == (len(loss), len(loss) - len(finite))
    assert [found[end]["step"] for end in ("first", "last")] == [1, len(loss)]
    for end, at in (("first", 0), ("last", -1)):
        expected = column[at] if np.isfinite(column[at]) else None
        assert found[end]["value"] is None if expected is None else np.float32(found[end]["value"]) == expected
    for end, arg in (("min", np.argmin), ("max", np.argmax)):
        if not len(finite):
            assert found[end] == {"step": None, "value": None}
            continue
        at = finite[arg(column[finite])]
        assert (found[end]["step"], np.float32(found[end]["value"])) == (at + 1, column[at])


def test_nothing_that_was_recorded_is_opened(run: Run) -> None:
    run.record({"train": train(1, 5), "histograms": histograms([5], "hidden1")})
    run.objects.delete_owned("0job")
    found = said(run, "train", "test", "histograms")
    assert found["train"]["accuracy"]["count"] == 5
    assert found["test"] == {}
    assert list(found["histograms"]) == ["hidden1.lo", "hidden1.hi"]


def test_series_stand_in_the_order_of_the_layers_however_they_were_recorded(new_run: Callable[..., Run]) -> None:
    run = new_run()
    names = ("hidden2.mean", "output.weight_norm", "hidden1.std", "hidden1.weight_norm", "hidden2.weight_norm")
    run.record({"activations": rows(np.arange(1, 4), **{name: [1.0, 2.0, 3.0] for name in names})})
    assert list(said(run, "activations")["activations"]) == [
        "hidden1.weight_norm",
        "hidden1.std",
        "hidden2.weight_norm",
        "hidden2.mean",
        "output.weight_norm",
    ]
