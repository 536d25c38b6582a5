"""An experiment's own fields, and what is said of those that there are none of."""

import json
from typing import Any

import pytest

from jobs.errors import InvalidSpec
from jobs.experiments.document import read
from jobs.experiments.members import Planned, members
from jobs.experiments.question import Tune
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue


def planned(document: dict[str, Any]) -> Planned:
    return members(read(json.dumps(document)), in_catalogue(Settings()), range(1))


EXPERIMENT = {"base": {"data": {"dataset": "synthetic"}}, "variants": {"a": {}}}

IN_EXPERIMENTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a misspelling": ({"variant": {"a": {}}}, "/variant", "the nearest is variants: /variants"),
    "another": ({"sedes": 3}, "/sedes", "the nearest is seeds: /seeds"),
    "a field of its jobs": ({"steps": 5}, "/steps", "steps is a field of the training: /base/training/steps"),
    "a part of its jobs": ({"training": {}}, "/training", "training is a field of the base: /base/training"),
    "a field of the base": (
        {"base": {"lr": 1}},
        "/base/lr",
        "it is called learning_rate, a field of the optimizer: /training/optimizer/learning_rate",
    ),
    "a field of a patch": (
        {"variants": {"a": {"training": {"momentum": 0.9}}}},
        "/variants/a/training/momentum",
        "momentum is a field of the optimizer: /training/optimizer/momentum",
    ),
    "a field of a patch's kind": (
        {"variants": {"a": {"training": {"optimizer": {"kind": "adam", "momentum": 0.9}}}}},
        "/variants/a/training/optimizer/momentum",
        "momentum is of the kinds 'momentum' and 'nesterov'",
    ),
    "an axis": (
        {"grid": {"/training/lr": [1]}},
        "/grid/~1training~1lr",
        "no such field in variant 'a': it is called learning_rate, a field of the optimizer: /training/optimizer/lear",
    ),
    "an axis at the top": (
        {"grid": {"/batchnorm": [True]}},
        "/grid/~1batchnorm",
        "no such field in variant 'a': it is called batch_norm: /batch_norm",
    ),
    "an axis within what is not there": (
        {"grid": {"/optimizer/learning_rate": [1]}},
        "/grid/~1optimizer~1learning_rate",
        "no such field in variant 'a': optimizer is a field of the training: /training/optimizer",
    ),
    "an axis of another kind": (
        {"grid": {"/training/optimizer/momentum": [0.9]}},
        "/grid/~1training~1optimizer~1momentum",
        "no such field in variant 'a': momentum is of the kinds 'momentum' and 'nesterov'",
    ),
    "an axis within what is no object": (
        {"grid": {"/batch_norm/epsilon": [1]}},
        "/grid/~1batch_norm~1epsilon",
        "no such field in variant 'a': /batch_norm is false",
    ),
    "an axis without a slash": (
        {"grid": {"learning_rate": [1]}},
        "/grid/learning_rate",
        "it begins with '/'; learning_rate is a field of the optimizer: /training/optimizer/learning_rate",
    ),
    "an axis with dots": (
        {"grid": {"training.optimizer.kind": ["adam"]}},
        "/grid/training.optimizer.kind",
        "it begins with '/'; write '/training/optimizer/kind'",
    ),
    "an axis whose first slash is missing": (
        {"grid": {"data/batch_size": [1]}},
        "/grid/data~1batch_size",
        "it begins with '/'; write '/data/batch_size'",
    ),
    "a patch with dots": (
        {"variants": {"a": {"training.optimizer.learning_rate": 1}}},
        "/variants/a/training.optimizer.learning_rate",
        "objects stand in one another here, down to /training/optimizer/learning_rate",
    ),
    "a patch with a pointer": (
        {"variants": {"a": {"/data/batch_size": 1}}},
        "/variants/a/~1data~1batch_size",
        "objects stand in one another here, down to /data/batch_size",
    ),
    "an axis beyond a list": (
        {"grid": {"/architecture/hidden/3": [1]}},
        "/grid/~1architecture~1hidden~13",
        "no such field in variant 'a': the list at /architecture/hidden has 3 items, counted from 0",
    ),
    "a field of a grid value": (
        {"grid": {"/training/optimizer": [{"kind": "adam", "lr": 1}]}},
        "/grid/~1training~1optimizer/0/lr",
        "it is called learning_rate: /training/optimizer/learning_rate",
    ),
}


PRIMARIES: dict[str, tuple[Any, dict[str, Any]]] = {
    "none": ({}, {"kind": "last", "series": "test.accuracy", "goal": None}),
    "options without a kind": ({"series": "test.loss"}, {"kind": "last", "series": "test.loss", "goal": None}),
    "a name": ("area_above", {"kind": "area_above"}),
    "a wandering": (
        {"kind": "wander", "series": "units.hidden1"},
        {"kind": "wander", "series": "units.hidden1", "goal": "min"},
    ),
    "steps": ({"kind": "steps_to", "target": "baseline_best"}, {"kind": "steps_to", "target": "baseline_best"}),
}


@pytest.mark.parametrize(("said", "meant"), PRIMARIES.values(), ids=PRIMARIES)
def test_a_question_is_resolved(said: Any, meant: dict[str, Any]) -> None:
    asked = {"targets": [0.9, "baseline_best"]} | ({"primary": said} if said else {})
    spec = read(json.dumps(EXPERIMENT | asked))
    assert spec.primary.model_dump(mode="json") == meant
    assert (spec.targets, spec.delta, spec.learned) == ((0.9, "baseline_best"), 0.0, None)
    assert planned(EXPERIMENT | asked)


def test_an_axis_may_stand_for_a_list_of_one_and_what_settings_are_chosen_by_has_a_default() -> None:
    rate = "/training/optimizer/learning_rate"
    base = {"data": {"dataset": "synthetic", "validation": 0.1}}
    spec = read(json.dumps(EXPERIMENT | {"base": base, "grid": {rate: [0.1, 1]}, "tune": {"over": rate}}))
    assert spec.tune == Tune(over=(rate,), by="validation.accuracy")


def test_a_series_that_one_variant_alone_records_may_be_asked_for() -> None:
    recording = {"diagnostics": [{"name": "rank", "every": 10}]}
    variants: dict[str, Any] = {"a": {}, "b": {"recording": recording}}
    assert planned(EXPERIMENT | {"variants": variants, "primary": {"series": "rank.hidden1.rank", "goal": "max"}})


@pytest.mark.parametrize(("changes", "pointer", "says"), IN_EXPERIMENTS.values(), ids=IN_EXPERIMENTS)
def test_an_experiment_is_told_the_same(changes: dict[str, Any], pointer: str, says: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        planned(EXPERIMENT | changes)
    found = {error.pointer: error.message for error in refused.value.errors}
    assert says in found[pointer]


@pytest.mark.parametrize("changes", [{}, {"seeds": 3}, {"grid": {"/training/seed": [1]}}, {"training": {"lr": 1}}])
def test_an_experiment_among_the_jobs_is_told_once_where_it_belongs(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidSpec) as refused:
        check(json.dumps(EXPERIMENT | changes), in_catalogue(Settings()))
    (error,) = refused.value.errors
    assert error.pointer == ""
    assert error.message.startswith("this is an experiment: post it to /experiments")
    assert "'bnlab experiment submit'" in error.message


@pytest.mark.parametrize("job", [{"batch_norm": True}, {"name": "a", "training": {"lr": 1}, "data": {}, "colour": 1}])
def test_a_job_among_the_experiments_is_told_once_where_it_belongs(job: dict[str, Any]) -> None:
    with pytest.raises(InvalidSpec) as refused:
        read(json.dumps(job))
    (error,) = refused.value.errors
    assert error.pointer == ""
    assert error.message.startswith("this is a job: post it to /jobs")
    assert "'bnlab submit'" in error.message
