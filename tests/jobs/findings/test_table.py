"""Twelve trainings that are ill, each in its own way, and some that are not."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from jobs.findings.table import RULES, findings
from jobs.series.format.schema import ACTIVATIONS
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support.evidence import evidence_of, run_of, shown, store, trained, with_shuffled_labels
from tests.support.small_runs import recorded
from worker.train.state import Run


def _mlp(**options: Any) -> dict[str, Any]:
    return {"preset": "mlp", **options}


def _sgd(rate: float, steps: int = 600, **options: Any) -> dict[str, Any]:
    return {"steps": steps, "optimizer": {"kind": "sgd", "learning_rate": rate}, **options}


RELU, TANH = _mlp(activation="relu"), _mlp(activation="tanh", init={"scheme": "normal", "std": 1.0})

ILL: dict[str, tuple[Callable[[], Run], str, str | None, str]] = {
    "eight hidden layers of sigmoids": (
        lambda: run_of(architecture=_mlp(hidden=[100] * 8), training=_sgd(0.1)),
        "gradient_vanishes",
        "hidden1",
        "shrinks 3.8 times a layer",
    ),
    "running statistics that never arrive": (
        lambda: run_of(batch_norm={"running_decay": 0.9999}, training=_sgd(0.1)),
        "running_statistics",
        "hidden1",
        "they are still 94 % of what they began with",
    ),
    "a rate of 30": (
        lambda: run_of(architecture=RELU, training=_sgd(30.0)),
        "diverged",
        "hidden2",
        "hidden2 was the first layer with such a value",
    ),
    "a rate of 30 that ends in no NaN": (
        lambda: run_of(training=_sgd(30.0)),
        "steps_too_large",
        "output",
        "changed the weights of output by",
    ),
    "an sd of 1 before tanh": (
        lambda: run_of(architecture=TANH, training=_sgd(0.1)),
        "saturated",
        "hidden3",
        "from step 1 on",
    ),
    "relus that a step has killed": (
        lambda: run_of(architecture=RELU, training=_sgd(3.0, clip_gradient_norm=1.0)),
        "dead",
        "hidden3",
        "of the relus of hidden3 are dead",
    ),
    "a rate a thousand times too small": (
        lambda: run_of(training=_sgd(1e-4)),
        "steps_too_small",
        "output",
        "the learning rate is 0.0001",
    ),
    "shuffled labels": (
        lambda: with_shuffled_labels(run_of(training=_sgd(0.1, 1200))),
        "labels_unrelated",
        None,
        "yet nothing is learnt",
    ),
    "shuffled labels that are learnt by heart": (
        lambda: with_shuffled_labels(run_of(architecture=RELU, data={"train_samples": 300}, training=_sgd(0.1, 1200))),
        "labels_unrelated",
        None,
        "the test set is at chance",
    ),
    "shuffled labels that are being learnt by heart": (
        lambda: with_shuffled_labels(run_of(batch_norm=True, training=_sgd(0.1, 1200))),
        "labels_unrelated",
        None,
        "the test set is at chance",
    ),
    "a weight decay that eats the weights": (
        lambda: run_of(training=_sgd(0.1, weight_decay=0.1)),
        "weights_decayed",
        "hidden1",
        "nothing is left of the weights of hidden1",
    ),
    "batches of two": (
        lambda: run_of(
            batch_norm=True,
            architecture={"preset": "mlp", "hidden": [100]},
            data={"batch_size": 2},
            training=_sgd(0.1),
        ),
        "small_batches",
        "hidden1",
        "from 2 values",
    ),
    "pixels of 0 to 255": (
        lambda: run_of(data={"binarize": False, "normalize": "none"}, training=_sgd(0.1)),
        "input_scale",
        "hidden1",
        "from 0 to 255",
    ),
    "no nonlinearity": (
        lambda: run_of(architecture=_mlp(activation="none"), training=_sgd(0.01)),
        "no_nonlinearity",
        None,
        "between the 4 layers with weights",
    ),
}

WELL: dict[str, Callable[[], Run]] = {
    "the paper's network": lambda: run_of(training=_sgd(0.1, 1200)),
    "with batch normalization": lambda: run_of(batch_norm=True, training=_sgd(0.1)),
    "relus": lambda: run_of(architecture=RELU, training=_sgd(0.1)),
    "adamw with decay": lambda: run_of(
        architecture=RELU, training={"steps": 400, "optimizer": "adamw", "weight_decay": 0.01}
    ),
    "a rate that falls to 0": lambda: run_of(
        batch_norm=True, architecture=RELU, training=_sgd(0.1, schedule={"kind": "cosine"})
    ),
    "convolutions": lambda: run_of(architecture="convnet", batch_norm=True, training=_sgd(0.1, 100)),
}


@pytest.fixture(params=["sqlite"])
def settings(tmp_path: Any) -> Settings:
    """Which database it is makes no difference to a rule."""
    return Settings(data=tmp_path)


@pytest.mark.parametrize("name", ILL)
def test_an_ill_training_gets_its_own_finding_and_at_most_one_other(
    name: str, database: Database, settings: Settings
) -> None:
    run, rule, layer, words = ILL[name]
    found = {each.rule.name: each.finding for each in findings(trained(database, settings, run()))}
    assert rule in found
    assert found[rule].layer == layer
    assert words in found[rule].sentence
    assert len(found) <= 2


def test_a_layer_that_no_step_changes_is_named_with_the_step_from_which_on(
    database: Database, settings: Settings
) -> None:
    run = run_of(training=_sgd(0.1))
    tables = recorded(run)
    ratio = tables[ACTIVATIONS].columns["hidden2.update_ratio"]
    tables[ACTIVATIONS].columns["hidden2.update_ratio"] = np.where(np.arange(len(ratio)) < 200, ratio, 0)
    (found,) = findings(evidence_of(store(database, settings, run, tables)))
    assert (found.rule.name, found.finding.layer) == ("frozen_layer", "hidden2")
    assert found.finding.step in range(195, 206)  # rows stand for four steps each


@pytest.mark.parametrize("name", WELL)
def test_a_training_that_is_well_gets_none(name: str, database: Database, settings: Settings) -> None:
    assert findings(trained(database, settings, WELL[name]())) == ()


def test_of_a_job_without_a_row_only_the_document_is_judged() -> None:
    assert findings(shown()) == ()
    assert [each.rule.name for each in findings(shown(architecture=_mlp(activation="none")))] == ["no_nonlinearity"]


def test_what_a_rule_explains_comes_after_it() -> None:
    names = [rule.name for rule in RULES]
    for i, rule in enumerate(RULES):
        assert rule.explains <= set(names[i + 1 :]), rule.name


def test_every_rule_has_a_name_of_its_own_and_says_all_that_its_page_says() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.question.endswith("?")
        assert all((rule.threshold.format(bound=rule.bound), rule.source, rule.remedy))
