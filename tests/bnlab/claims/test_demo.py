"""What the demo makes of its jobs: documents and summaries, from invented numbers."""

import json
from typing import Any

import pytest

from bnlab import Client
from bnlab.claims.demo import (
    CLAIM,
    TARGETS,
    Result,
    in_words,
    reached,
    result_of,
    shortened,
    steps_to,
    summary,
    training_series,
)
from bnlab.claims.paper import document
from bnlab.errors import Unfinished
from jobs.experiments.document import read
from jobs.lifecycle.job import Job

STEPS = 300


def result(*, complete: bool = True, inside_complete: bool = True, short: str = "") -> Result:
    """A job of 300 steps, 200 a second, with two series of its training and two of its one layer.

    The series `short` lacks the last step.
    """
    names = ("loss", "accuracy", "mean", "std")
    series = {name: [0.5] * (STEPS - 1 if name == short else STEPS) for name in names}
    every = list(range(1, STEPS + 1))
    job = {
        "id": "1",
        "progress": {"steps": STEPS},
        "spec": {"batch_norm": {"momentum": 0.1}, "training": {"seed": 5}},
    }
    train: dict[str, Any] = {name: series[name] for name in ("loss", "accuracy")}
    train |= {"step": every, "time": [1.7e9 + step / 200 for step in every]}
    test = {"step": [0, 100, 200, 300], "time": [0.0] * 4, "accuracy": [0.1, 0.91, 0.89, 0.94]}
    layers = {"hidden1": {name: series[name] for name in ("mean", "std")}}
    return Result(
        job,
        {"complete": complete, "train": train, "test": test},
        {"complete": inside_complete, "step": every, "layers": layers},
    )


def test_the_experiment_is_the_claims_with_its_length_and_its_seeds_changed() -> None:
    whole, made = document(CLAIM), shortened(document(CLAIM), 7, 2)
    assert made["base"].pop("training") == {"steps": 7}
    assert made.pop("seeds") == 2
    assert made.pop("targets") == TARGETS
    assert made.pop("primary") == {"kind": "steps_to", "target": 0.9}
    assert read(json.dumps(shortened(document(CLAIM), 7, 2)))
    assert whole["base"].pop("training").keys() == {"steps"}  # nothing else of it is lost
    assert whole.pop("seeds") > 2
    assert made == whole


def test_steps_to_accuracies_are_the_servers_by_job() -> None:
    steps = [{"low": 100, "high": 200}, {"low": 300, "high": "Infinity"}]
    group = {"seeds": [{"job": "1", "measured": {"steps_to": steps}}]}
    assert steps_to({"groups": [group]}) == {"1": {"0.9": steps[0], "0.95": steps[1]}}


@pytest.mark.parametrize(
    ("arrived", "high", "said"),
    [(3, 800, "800"), (2, 800, "800 (2 of 3)"), (1, "Infinity", "1 of 3"), (0, "Infinity", "never")],
)
def test_the_table_says_from_which_step_on_a_target_is_reached_and_by_how_many(
    arrived: int, high: float | str, said: str
) -> None:
    steps = {"centre": {"low": 700, "high": high}}
    assert reached({"arrived": arrived, "ended": 3, "steps": steps}) == said


def test_what_was_found_is_said_of_each_target_then_of_the_end_then_what_the_seeds_can_show() -> None:
    steps = [{"low": 700, "high": 760}, {"low": 10_000, "high": "Infinity"}]
    seed = {"outcome": "succeeded", "measured": {"steps_to": steps, "final_accuracy": 0.94}}
    group = {"variant": "with BN", "steps_to": [{"target": target} for target in TARGETS], "seeds": [seed] * 3}
    said = in_words([group], 10_000, 3)
    assert said[:3] == [
        "Accuracy 0.90: with BN after 760 steps in all three.",
        "Accuracy 0.95: with BN never, within 10,000 steps.",
        "After 10,000 steps: with BN 0.940.",
    ]
    assert said[3].startswith("Where three seeds agree")


def test_a_summary_has_what_came_of_the_job() -> None:
    assert summary(result()) == {
        "id": "1",
        "batch_norm": True,
        "seed": 5,
        "steps": STEPS,
        "final_test_accuracy": 0.94,
        "steps_per_second": pytest.approx(200),
        "recorded_steps": STEPS,
        "recorded_series": 4,
    }


def test_every_step_is_recorded_only_where_the_server_says_that_all_of_them_are() -> None:
    assert summary(result(complete=False))["recorded_steps"] == 0
    assert summary(result(inside_complete=False))["recorded_steps"] == 0


@pytest.mark.parametrize("name", ["loss", "accuracy", "mean", "std"])
def test_as_many_steps_are_recorded_as_the_shortest_series_has(name: str) -> None:
    assert summary(result(short=name))["recorded_steps"] == STEPS - 1


def test_steps_and_times_are_not_counted_as_series() -> None:
    assert len(training_series(result())) == 4


def test_a_job_that_did_not_succeed_has_no_result(client: Client, running: Job) -> None:
    with pytest.raises(Unfinished, match=f"job {running.id} running"):
        result_of(client, client.job(running.id))


def test_a_result_is_the_job_with_its_series(client: Client, finished: Job) -> None:
    found = result_of(client, client.job(finished.id))
    assert list(found.accuracy) == [0, 100, 200]
    made = summary(found)
    assert made["batch_norm"] is False
    assert made["final_test_accuracy"] == pytest.approx(1 / 202)
    assert made["recorded_series"] == len(["loss", "accuracy", "learning_rate", "gradient_norm"]) + 3 * 3
    assert list(found.activations["units"]["hidden3"]["50"]) == ["p15", "p50", "p85"]
