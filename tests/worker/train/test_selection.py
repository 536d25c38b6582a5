"""When a training is stopped, and which network is the best: of given values, and of a small training that is cut."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from math import inf, nan
from typing import Any

import pytest
import torch

from jobs.errors import InvalidSpec
from jobs.spec.document import JobSpec
from tests.support.documents import resolved
from tests.support.small_runs import small_run
from worker.record.checkpoint import capture, encode, restore
from worker.record.histograms import Ranges
from worker.train.engines.eager import Eager
from worker.train.loop import Block, blocks
from worker.train.selection import UNTRAINED, Best, Standing, Stopped, judged, sentence_of
from worker.train.state import Run, State, at_best, initial_state

DATA = {"dataset": "synthetic", "batch_size": 50, "validation": 0.1, "train_samples": 500}
STOPPING = {
    "data": DATA,
    "training": {
        "steps": 400,
        "optimizer": {"learning_rate": 0.5},
        "stop": {"metric": "validation.loss", "patience": 3, "min_delta": 0.01},
    },
    "evaluation": {"every": 10, "keep": "best"},
    "recording": {"units": 0, "diagnostics": [{"name": "rank", "every": 1000}]},
}


def spec_of(stop: dict[str, Any]) -> JobSpec:
    return resolved(data={"validation": 0.1}, training={"steps": 1000, "stop": stop}, evaluation={"every": 10}).spec


def after(stop: dict[str, Any], values: list[float]) -> Standing:
    """Where a training stands after evaluations every ten steps, the untrained network's the first of them."""
    spec, standing = spec_of(stop), UNTRAINED
    for i, value in enumerate(values):
        assert standing.stopped is None
        standing = judged(spec, standing, 10 * i, {stop["metric"]: value})
    return standing


@pytest.mark.parametrize(
    ("stop", "values", "step"),
    [
        ({"metric": "validation.loss", "patience": 2}, [3.0, 2.0, 2.0, 2.5], 30),
        ({"metric": "validation.loss", "patience": 2}, [3.0, 2.0, 2.5, 1.9, 2.5], None),
        ({"metric": "validation.loss", "patience": 2, "min_delta": 0.5}, [3.0, 2.0, 1.6, 1.5], 30),
        ({"metric": "validation.loss", "patience": 2, "min_delta": 0.5}, [3.0, 2.0, 1.6, 1.4, 1.3], None),
        ({"metric": "validation.accuracy", "patience": 1}, [0.1, 0.2, 0.2], 20),
        ({"metric": "validation.accuracy", "goal": "min", "patience": 1}, [0.1, 0.05, 0.2], 20),
        ({"metric": "validation.loss", "patience": 2}, [nan, nan], None),
        ({"metric": "validation.loss", "patience": 2}, [nan, 5.0, inf, nan], 30),
        ({"metric": "test.loss", "target": 0.5}, [3.0, 0.51, 0.5], 20),
        ({"metric": "test.accuracy", "target": 0.5}, [0.6, 0.4, 0.5], 20),
        ({"metric": "test.accuracy", "target": 0.5}, [0.6, nan], None),
    ],
)
def test_a_training_is_stopped_at_the_evaluation_that_the_rule_names(
    stop: dict[str, Any], values: list[float], step: int | None
) -> None:
    stopped = after(stop, values).stopped
    assert (stopped.step if stopped else None) == step


def test_the_untrained_network_is_to_be_beaten_and_never_the_reason_to_stop() -> None:
    assert after({"metric": "test.accuracy", "target": 0.5}, [0.9]).stopped is None
    assert after({"metric": "validation.loss", "patience": 1}, [1.0, 1.0]).stopped == Stopped(
        "patience", "validation.loss", 10, 1.0, Best(0, 1.0)
    )


def test_the_first_of_equally_good_evaluations_is_the_best_whatever_patience_asks_for() -> None:
    stop = {"metric": "validation.loss", "patience": 9, "min_delta": 0.5}
    assert after(stop, [3.0, 2.9, nan, 2.9, inf]).best == Best(10, 2.9)


def test_why_it_was_stopped_is_a_sentence() -> None:
    target, patience = {"metric": "test.loss", "target": 0.5}, {"metric": "validation.loss", "patience": 1}
    told = [
        sentence_of(stopped, spec_of(stop))
        for stop, values in ((target, [3.0, 0.25]), (patience, [3.0, 3.0]), (patience, [nan, nan]))
        if (stopped := after(stop, values).stopped) is not None
    ]
    assert told == [
        "stopped after step 10 of 1000: test.loss has reached 0.25, its target was 0.5",
        "stopped after step 10 of 1000: in one evaluation validation.loss was not better than 3, after step 0",
        "stopped after step 10 of 1000: in one evaluation validation.loss was not better, and never finite",
    ]


def test_a_standing_is_the_same_once_it_was_kept_as_json() -> None:
    for standing in (UNTRAINED, after({"metric": "test.loss", "target": 0.5}, [3.0, 0.25])):
        assert Standing.of(json.loads(json.dumps(asdict(standing)))) == standing
    assert Standing.of({}) == UNTRAINED


def whole(run: Run, state: State) -> Iterator[Block]:
    return blocks(run, state, Eager(run))


def test_a_training_ends_where_its_evaluations_stop_it_and_the_best_network_is_what_it_was_then() -> None:
    run = small_run(**STOPPING)
    state = initial_state(run)
    found = list(whole(run, state))
    stopped, best = state.standing.stopped, state.standing.best
    assert stopped is not None
    assert best is not None
    assert best.step < stopped.step == state.step == found[-1].last < 400
    assert [block.ends for block in found] == [False] * (len(found) - 1) + [True]
    assert found[-1].diagnostics  # what is measured at the end is measured at this one
    assert (stopped.why, stopped.best) == ("patience", best)

    there = initial_state(run)
    for block in whole(run, there):
        if block.last == best.step:
            break
    assert all(
        torch.equal(there.learned.tensors[name], tensor) for name, tensor in at_best(state).learned.tensors.items()
    )


def test_cut_anywhere_a_training_stops_at_the_same_step_with_the_same_bits() -> None:
    run = small_run(**STOPPING)
    undisturbed = initial_state(run)
    last = [block.last for block in whole(run, undisturbed)]
    ranges: Ranges = {}
    state = initial_state(run)
    for step in last:
        for block in whole(run, state):
            if block.last == step:
                break
        state, ranges = restore(run, memoryview(encode(capture(run, state), ranges)))
    assert list(whole(run, state)) == []  # it knows that it was stopped
    assert (state.step, state.standing) == (undisturbed.step, undisturbed.standing)
    for mine, right in ((state.learned.tensors, undisturbed.learned.tensors), (state.best, undisturbed.best)):
        assert mine.keys() == right.keys()
        assert all(torch.equal(mine[name], right[name]) for name in right)


def test_without_a_wish_for_the_best_network_none_is_held() -> None:
    run = small_run(**STOPPING | {"evaluation": {"every": 10}})
    state = initial_state(run)
    assert list(whole(run, state))
    assert state.best == {}
    assert at_best(state) is state


@pytest.mark.parametrize(
    ("document", "pointer", "words"),
    [
        (
            {"training": {"stop": {"metric": "validation.loss", "patience": 2}}},
            "/training/stop/metric",
            "no 'validation",
        ),
        (
            {"training": {"steps": 9, "stop": {"metric": "test.loss", "patience": 3}}},
            "/training/stop/patience",
            "evaluated 2 times",
        ),
        ({"training": {"stop": {"metric": "test.loss"}}}, "/training/stop/patience", "must be given"),
        ({"data": {"validation": 0.00001}}, "/data/validation", "0 of the 5923 training examples of class 0"),
        ({"data": {"validation": 0.9, "batch_size": 6001}}, "/data/batch_size", "more than the 6000 training examples"),
        ({"data": {"validation": 0.5, "train_samples": 40000}}, "/data/train_samples", "that are not held out"),
        ({"evaluation": {"every": 5, "growth": 1.5}}, "/evaluation", "give 'every' or 'growth', not both"),
        (
            {"batch_norm": {"population": "pooled"}, "evaluation": {"keep": "best"}},
            "/evaluation/keep",
            "batch_norm.population 'pooled' is measured when the training has ended",
        ),
    ],
)
def test_what_can_never_be_decided_is_refused(document: dict[str, Any], pointer: str, words: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        resolved(**document)
    assert refused.value.errors[0].pointer == pointer
    assert words in refused.value.errors[0].message


def test_choosing_by_the_test_set_is_warned_of() -> None:
    assert any("test.accuracy decides" in said for said in resolved(evaluation={"keep": "best"}).warnings)
    assert not resolved(evaluation={"keep": "best"}, data={"validation": 0.1}).warnings
