"""Of a question only the numbers that it needs are read, from what jobs have recorded."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jobs.experiments.clients import Experiment
from jobs.experiments.document import ExperimentSpec, Member
from jobs.experiments.needed import primary_numbers, scores
from jobs.experiments.statistics.interval import known
from jobs.lifecycle.job import Status
from jobs.series.format.schema import TEST, VALIDATION
from tests.support.running_jobs import Run, rows

TUNED: dict[str, Any] = {"grid": {"/x": [1, 2]}, "tune": {"over": "/x", "by": "validation.loss"}}


def recorded(new_run: Callable[..., Run], **said: Any) -> tuple[Run, Experiment]:
    """An experiment of one job, which has succeeded with test accuracies 0.5 and 0.75 and validation losses."""
    run = new_run()
    evaluated = {TEST: rows([5, 10], accuracy=[0.5, 0.75]), VALIDATION: rows([5, 10], loss=[2.0, 0.25])}
    run.record(evaluated)
    spec = ExperimentSpec.model_validate({"variants": {"a": {}}} | said)
    job = replace(run.job, status=Status.SUCCEEDED)
    return run, Experiment("0experiment", 0.0, spec, ((Member("a", {}, 0), job),))


def test_the_primary_is_read_as_the_number_that_it_asks_for(new_run: Callable[..., Run]) -> None:
    run, experiment = recorded(new_run, primary={"kind": "mean", "series": "test.accuracy"})

    def read(primary: dict[str, Any]) -> dict[str, Any]:
        spec = ExperimentSpec.model_validate({"variants": {"a": {}}, "primary": primary})
        return dict(primary_numbers(run.database, run.objects, replace(experiment, spec=spec)))

    (mean,), (late,) = known([0.625]), known([0.75])
    assert read({"kind": "mean", "series": "test.accuracy"}) == {run.job.id: mean}
    assert read({"kind": "mean", "series": "test.accuracy", "from_step": 6}) == {run.job.id: late}
    assert read({"series": "test.accuracy"}) == {}  # each seed's final accuracy is known without
    assert read({"kind": "area_above"}) == {}


def test_settings_are_chosen_by_the_last_value_the_more_the_better(new_run: Callable[..., Run]) -> None:
    run, experiment = recorded(new_run, **TUNED)
    assert scores(run.database, run.objects, experiment) == {run.job.id: -0.25}
    untuned = replace(experiment, spec=ExperimentSpec(variants={"a": {}}))
    assert scores(run.database, run.objects, untuned) == {}
