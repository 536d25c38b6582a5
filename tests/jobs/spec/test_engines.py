"""Which engine is chosen, by the rule that docs/using/engines.md says."""

import json
from typing import Any

import pytest

from jobs.experiments.document import ExperimentSpec
from jobs.experiments.members import members
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.engines import WORTH, seconds_to_compile
from jobs.spec.known import in_catalogue
from jobs.spec.resolved import Resolved


def resolved(steps: int, **document: Any) -> Resolved:
    asked = {"data": {"dataset": "synthetic"}, "training": {"steps": steps}, **document}
    return check(json.dumps(asked), in_catalogue(Settings()))


@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_what_is_asked_for_is_taken(engine: str) -> None:
    chosen = resolved(1, resources={"engine": engine}).engine
    assert (chosen.engine, chosen.reason) == (engine, "the document asks for it")


def test_a_long_job_is_compiled_and_a_short_one_is_not() -> None:
    short, long = resolved(100), resolved(1_000_000)
    assert short.engine.engine == "eager"
    assert short.engine.reason.endswith(f"in 100 steps; 'compiled' is taken from {WORTH:g} times as much on")
    assert long.engine.engine == "compiled"
    assert f"takes about {seconds_to_compile(long.plan):.0f} s" in long.engine.reason


def test_a_step_that_takes_longer_saves_more() -> None:
    deep = resolved(2000, architecture="resnet", data={"dataset": "synthetic", "batch_size": 128})
    assert (deep.engine.engine, resolved(2000).engine.engine) == ("compiled", "eager")


def experiment(seeds: range, **more: Any) -> list[str]:
    base = {"data": {"dataset": "synthetic"}, "training": {"steps": 10_000}}
    spec = ExperimentSpec.model_validate({"base": base, "variants": {"bn": {"batch_norm": True}, "none": {}}, **more})
    return [each.engine.engine for _, each in members(spec, in_catalogue(Settings()), seeds)]


def test_the_jobs_of_an_experiment_that_share_a_package_pay_for_it_together() -> None:
    assert experiment(range(1)) == ["eager"] * 2
    assert experiment(range(3)) == [*["compiled"] * 3, *["eager"] * 3]  # without BN there is less to save
    assert experiment(range(8)) == ["compiled"] * 16


def test_what_differs_in_no_code_shares_a_package_and_what_differs_in_code_does_not() -> None:
    rates = {"/training/optimizer/learning_rate": [0.01 * (i + 1) for i in range(8)]}
    assert experiment(range(1), grid=rates) == ["compiled"] * 16
    sizes = {"/data/batch_size": [60 + i for i in range(8)]}
    assert experiment(range(1), grid=sizes) == ["eager"] * 16


def test_seeds_that_are_added_are_taken_as_those_before_were() -> None:
    assert experiment(range(7, 8)) == ["compiled"] * 2
