"""What the demo makes of its jobs: documents, summaries and the figure, from invented numbers."""

from pathlib import Path
from typing import Any

import pytest

from bnlab import Client
from bnlab.claims.demo import CLAIM, Result, result_of, shortened, steps_to, summary, training_series
from bnlab.claims.paper import document
from bnlab.errors import CannotRun, Unfinished
from bnlab.figures.curves import Line, Unit
from bnlab.figures.drawing import figure_1, save, side_by_side
from jobs.lifecycle.job import Job

STEPS = 300
LABELS = {"without BN": 0.7, "with BN": 0.9}


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


def lines() -> list[Line]:
    steps, low, high = [0, 500, 1000], [0.1, 0.7, None], [0.1, 0.9, None]
    return [Line(label, steps, [0.1, top - 0.1, top], low, high) for label, top in LABELS.items()]


def units() -> list[Unit]:
    steps, found = range(0, 1001, 100), []
    for drift, label in zip((1 / 100, 0), LABELS, strict=True):
        percentiles = {f"p{p}": [p / 50 + drift * step for step in steps] for p in (15, 50, 85)}
        found.append(Unit(label, "hidden3, unit 50", steps, percentiles))
    return found


def test_the_experiment_is_the_claims_with_its_length_and_its_seeds_changed() -> None:
    whole, made = document(CLAIM), shortened(document(CLAIM), 7, 2)
    assert made["base"].pop("training") == {"steps": 7}
    assert made.pop("seeds") == 2
    assert whole["base"].pop("training").keys() == {"steps"}  # nothing else of it is lost
    assert whole.pop("seeds") > 2
    assert made == whole


def test_outside_a_checkout_the_demo_says_so() -> None:
    with pytest.raises(CannotRun, match=r"nonesuch\.json is not there: claims are run from a checkout"):
        document("nonesuch")


def test_the_steps_to_an_accuracy_are_those_to_its_first_measurement() -> None:
    accuracy = {0: 0.1, 100: 0.9, 200: 0.95, 300: 0.91}
    found = [steps_to(target, accuracy) for target in (0.0, 0.9, 0.92, 0.96)]
    assert found == [0, 100, 200, None]
    assert steps_to(0.5, {}) is None


def test_a_summary_has_what_came_of_the_job() -> None:
    assert summary(result()) == {
        "id": "1",
        "batch_norm": True,
        "seed": 5,
        "steps": STEPS,
        "final_test_accuracy": 0.94,
        "steps_to_accuracy": {"0.90": 100, "0.95": None},
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


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_the_same_figure_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    paths = [tmp_path / f"{name}.{suffix}" for name in ("one", "two")]
    for path in paths:
        save(figure_1(lines(), units()), path)
    one, two = (path.read_bytes() for path in paths)
    assert one == two
    assert len(one) > 10_000
    assert one.startswith({"png": b"\x89PNG", "svg": b"<?xml"}[suffix])
    save(figure_1(lines()[::-1], units()[::-1]), paths[1])
    assert paths[1].read_bytes() != one


def test_the_figure_says_which_curve_is_which_in_text_that_can_be_searched(tmp_path: Path) -> None:
    save(figure_1(lines(), units()), tmp_path / "figure.svg")
    text = (tmp_path / "figure.svg").read_text()
    for label in ("with BN", "without BN", "(b) without BN: input of hidden3, unit 50", "15th", "50th", "85th"):
        assert f">{label}</text>" in text


def test_both_units_are_drawn_on_one_scale() -> None:
    axes = figure_1(lines(), units()).axes
    assert axes[1].get_ylim() == axes[2].get_ylim()
    assert axes[0].get_ylim() == (0, 1)


def test_jobs_are_drawn_side_by_side_with_one_colour_each_and_the_units_of_those_that_have_one() -> None:
    left, middle, right = side_by_side(lines(), lines(), [None, units()[1]]).axes
    colours = [[line.get_color() for line in axes.get_lines()] for axes in (left, middle, right)]
    assert colours[0] == colours[1]
    assert set(colours[2]) == {colours[0][1]}
    assert right.get_title() == "input of hidden3, unit 50"
