"""An experiment's own fields, and what is said of those that there are none of."""

import json
from typing import Any

import pytest

from jobs.errors import InvalidSpec
from jobs.experiments.document import read
from jobs.experiments.members import Planned, members
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
