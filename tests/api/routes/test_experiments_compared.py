"""One number of each of an experiment's trainings, compared over HTTP."""

from typing import Any

import httpx
import numpy as np
import pytest

from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended, JobError
from jobs.series.format.schema import TRAIN, UNITS, Column, Rows
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support import recorded_jobs
from tests.support.asked_experiments import BASE, RATE, finish, submitted
from tests.support.recorded_jobs import take
from tests.support.serving import assert_problem


def test_any_series_is_compared_seed_by_seed(client: httpx.Client, database: Database, settings: Settings) -> None:
    path = f"/experiments/{submitted(client, grid={})['id']}/compare"
    for accuracy in (0.5, 0.8, 0.6, 0.7):  # without, with, ...
        finish(database, settings, [0.1, 0.2, accuracy])
    answer = client.get(path, params={"series": "test.accuracy"}).json()
    assert [value["value"]["centre"] for value in answer["values"]] == pytest.approx([0.55, 0.75])
    assert [seed["value"] for seed in answer["values"][0]["seeds"]] == pytest.approx([0.5, 0.6])
    (difference,) = answer["differences"]
    assert (difference["variant"], difference["minus"], difference["p"]) == ("with BN", "without BN", 0.5)
    apart = difference["difference"]
    assert (apart["centre"], apart["low"], apart["high"]) == pytest.approx((0.2, 0.1, 0.3))
    wrong = assert_problem(client.get(path, params={"series": "accuracy"}), 422, "invalid_query")
    assert "begins with no table" in str(wrong["detail"])
    absent = assert_problem(client.get(path, params={"series": "rank.hidden1.rank"}), 422, "invalid_query")
    assert "no job of this experiment has 'rank.hidden1.rank'" in str(absent["detail"])


def test_a_series_is_compared_by_its_mean_over_a_range_of_steps(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    path = f"/experiments/{submitted(client, grid={}, seeds=1)['id']}/compare"
    for course in ([0.1, 0.2, 0.6], [0.1, 0.4, 0.8]):
        finish(database, settings, course)

    def means(**asked: Any) -> list[float]:
        answer = client.get(path, params={"series": "test.accuracy", "kind": "mean"} | asked)
        return [value["value"]["centre"] for value in answer.json()["values"]]

    assert means() == pytest.approx([0.3, 1.3 / 3])
    assert means(**{"from": 50}) == pytest.approx([0.4, 0.6])
    assert means(**{"from": 50, "to": 99}) == pytest.approx([0.2, 0.4])
    assert means(**{"from": 51, "to": 99}) == []
    for asked in ("from=50", "kind=last&to=50"):
        refused = client.get(f"{path}?series=test.accuracy&{asked}")
        assert "say kind=mean" in str(assert_problem(refused, 422, "invalid_query")["detail"])
    for asked, told in (("from=50&to=49", "to: this lies before 'from', 50"), ("from=101", "longer than 100 steps")):
        refused = client.get(f"{path}?series=test.accuracy&kind=mean&{asked}")
        assert told in str(assert_problem(refused, 422, "invalid_query")["detail"])


def test_a_series_is_compared_at_the_settings_that_were_chosen(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    base = BASE | {"data": {"dataset": "synthetic", "validation": 0.2}}
    asked: dict[str, Any] = {"series": "test.accuracy", "tuned": True}
    tuned = submitted(client, base=base, tune={"over": RATE})
    path = f"/experiments/{tuned['id']}/compare"
    for _ in range(2):  # seeds: without BN at 0.1 and at 1, and with BN at both
        for held_out, accuracy in ((0.6, 0.5), (0.2, 0.9), (0.3, 0.4), (0.7, 0.8)):
            finish(database, settings, [0.1, accuracy], held_out=held_out)
    answer = client.get(path, params=asked).json()
    assert [(each["variant"], each["point"]) for each in answer["values"]] == [("without BN", {}), ("with BN", {})]
    assert [each["value"]["centre"] for each in answer["values"]] == pytest.approx([0.5, 0.8])
    chosen = client.get(f"/experiments/{tuned['id']}").json()["tuned"]
    for values, choice in zip(answer["values"], chosen, strict=True):
        assert [each["job"] for each in values["seeds"]] == [each["job"] for each in choice["chosen"]]
    (difference,) = answer["differences"]
    assert difference["difference"]["centre"] == pytest.approx(0.3)
    assert len(client.get(path, params={"series": "test.accuracy"}).json()["values"]) == 4  # every grid point


def test_variants_are_compared_in_the_order_of_the_document_whichever_was_trained_first(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    path = f"/experiments/{submitted(client, grid={}, seeds=1)['id']}/compare"
    failed = finish(database, settings, [0.1], fails=JobError("failed", "as by chance"))
    finish(database, settings, [0.1, 0.8])
    assert client.post(f"/jobs/{failed.id}/retry").status_code == 202  # under another id, behind the other one's
    finish(database, settings, [0.1, 0.5])
    answer = client.get(path, params={"series": "test.accuracy"}).json()
    assert [each["variant"] for each in answer["values"]] == ["without BN", "with BN"]
    assert [(each["variant"], each["minus"]) for each in answer["differences"]] == [("with BN", "without BN")]


def test_where_nothing_was_tuned_no_setting_was_chosen(client: httpx.Client) -> None:
    path = f"/experiments/{submitted(client, seeds=1)['id']}/compare"
    refused = client.get(path, params={"series": "test.accuracy", "tuned": True})
    assert "tuned: this experiment tunes nothing" in str(assert_problem(refused, 422, "invalid_query")["detail"])


def test_before_any_job_has_succeeded_a_series_that_none_records_is_refused_too(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    path = f"/experiments/{submitted(client, grid={}, seeds=1)['id']}/compare"
    finish(database, settings, [0.1], fails=JobError("non_finite_loss", "diverged"))
    assert client.get(path, params={"series": "test.accuracy"}).json()["values"]
    refused = assert_problem(client.get(path, params={"series": "test.accuracys"}), 422, "invalid_query")
    assert "to compare there is: test.loss, test.accuracy" in str(refused["detail"])


def compared(client: httpx.Client, database: Database, settings: Settings) -> str:
    """The path of a comparison of two variants, of whose two trainings everything is recorded and the same."""
    path = f"/experiments/{submitted(client, grid={}, seeds=1)['id']}/compare"
    for _ in range(2):
        recorded_jobs.finish(database, settings, take(database))
    return path


def test_a_series_is_compared_by_its_root_mean_square_and_less_another_one(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    path = compared(client, database, settings)

    def centre(series: str, **asked: Any) -> Any:
        return client.get(path, params={"series": series} | asked).json()["values"][0]["value"]["centre"]

    first, second = 1 / 201, 1 / 202  # at step 200, of the table's first two columns
    std = 1 / np.arange(3.0, 203.0)
    assert centre("activations.hidden1.std", kind="rms") == pytest.approx(np.sqrt(np.mean(std**2)))
    assert centre("activations.hidden1.mean", minus="activations.hidden1.std") == pytest.approx(
        first - second, rel=1e-4
    )
    assert centre("test.accuracy", minus="train.accuracy") == 0


def test_how_far_several_units_wander_is_asked_of_each_though_a_percentile_of_all_is_recorded_first(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    path = f"/experiments/{submitted(client, grid={}, seeds=1)['id']}/compare"
    hold = Hold((job := take(database)).id, job.attempt)
    step, still, moving = np.array([0, 100]), np.zeros(2, np.float32), np.array([0, 4], np.float32)
    by_percentile = {"p15": -1.0, "p50": 0.0, "p85": 1.0}
    columns: dict[str, Column] = {
        f"hidden3.{unit}.{name}": values + np.float32(apart)
        for name, apart in by_percentile.items()
        for unit, values in ((2, still), (10, moving))
    }
    writer = Writer(Held(database, open_objects(settings), hold))
    writer.append(UNITS, Rows(step, 1.7e9 + step, columns))
    writer.commit(steps_per_second=1.0)
    attempts.end(database, hold, Ended("succeeded"))
    value = client.get(path, params={"series": "units.hidden3", "kind": "wander"}).json()["values"][0]
    assert value["value"]["centre"] == 0.5  # of 0 and of 2 / 2


def test_the_units_of_a_layer_are_compared_by_how_far_their_medians_wander(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    path = compared(client, database, settings)
    (value, _) = client.get(path, params={"series": "units.hidden3", "kind": "wander"}).json()["values"]
    low, median, high = (1 / (np.array([50.0, 100.0, 150.0, 200.0]) + i) for i in (1, 2, 3))
    assert value["value"]["centre"] == pytest.approx(median.std() / (high - low).mean(), rel=1e-4)
    for asked, told in (
        (
            {"series": "units.hidden9", "kind": "wander"},
            "as a layer with recorded units; to compare there is: units.hidden3",
        ),
        (
            {"series": "train.loss", "kind": "wander"},
            "series: kind=wander is of a layer's units, such as units.hidden3",
        ),
        ({"series": "units.hidden3"}, "has 'units.hidden3' as a number"),
        (
            {"series": "train.loss", "minus": "train.los"},
            "minus: no job of this experiment has 'train.los' as a number",
        ),
        ({"series": "train.loss", "minus": "loss"}, "minus: 'loss' begins with no table"),
        ({"series": "train.loss", "kind": "median"}, "kind: must be 'last', 'mean', 'rms' or 'wander', not 'median'"),
    ):
        assert told in str(assert_problem(client.get(path, params=asked), 422, "invalid_query")["detail"])


def test_ranges_of_the_landscape_are_compared_by_their_means_over_the_training(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    path = f"/experiments/{submitted(client, grid={}, seeds=1)['id']}/compare"
    steps, times = np.array([0, 50, 100]), np.zeros(3)
    for factor in (1, 4):
        job = take(database)
        hold = Hold(job.id, job.attempt)
        writer = Writer(Held(database, open_objects(settings), hold))
        least = np.array([1, 2, 3], np.float32)
        writer.append("landscape", Rows(steps, times, {"loss_min": least, "loss_max": least * (1 + factor)}))
        writer.append(TRAIN, Rows(np.array([1]), times[:1], {"loss": least[:1]}))
        writer.commit()
        attempts.end(database, hold, Ended("succeeded"))
    asked = {"series": "landscape.loss_max", "minus": "landscape.loss_min", "kind": "mean", "goal": "min"}
    found = client.get(path, params=asked).json()
    assert [value["value"]["centre"] for value in found["values"]] == [2, 8]
    assert found["ratios"][0]["ratio"]["centre"] == {"low": pytest.approx(4), "high": pytest.approx(4)}


def test_variants_have_ratios_where_all_numbers_are_above_0(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    path = f"/experiments/{submitted(client, grid={})['id']}/compare"
    for accuracy in (0.2, 0.4, 0.3, 0.9):  # without, with, ...
        finish(database, settings, [0.1, accuracy])
    (found,) = client.get(path, params={"series": "test.accuracy"}).json()["ratios"]
    assert (found["variant"], found["over"], found["p"], found["absent"]) == ("with BN", "without BN", 0.5, None)
    assert found["ratio"]["centre"]["low"] == pytest.approx(6**0.5)
    assert (found["ratio"]["low"], found["ratio"]["high"]) == pytest.approx((2, 3))
    (none,) = client.get(path, params={"series": "test.accuracy", "minus": "test.loss"}).json()["ratios"]
    assert (none["ratio"], none["p"]) == (None, None)
    assert none["absent"] == "numbers must be above 0, and that of 'with BN' with seed 7 is -0.2"


def test_of_what_diverged_a_ratio_and_a_difference_of_series_know_the_worst_alone(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    path = f"/experiments/{submitted(client, grid={}, seeds=1)['id']}/compare"
    finish(database, settings, [0.1, 0.6])
    finish(database, settings, [0.1, 0.9], fails=JobError("non_finite_loss", "diverged"))

    def ratio(**asked: Any) -> Any:
        return client.get(path, params=asked).json()["ratios"][0]

    assert ratio(series="test.loss")["ratio"]["centre"] == {"low": "Infinity", "high": "Infinity"}
    assert ratio(series="test.accuracy", minus="test.loss", goal="min")["ratio"]["centre"]["low"] == "Infinity"
    told = "numbers must be above 0, and that of 'with BN' with seed 7 is not known: it diverged, or is not finite"
    assert ratio(series="test.accuracy", minus="test.loss")["absent"] == told


def test_what_diverged_is_compared_as_the_worst(client: httpx.Client, database: Database, settings: Settings) -> None:
    path = f"/experiments/{submitted(client, grid={})['id']}/compare"
    diverged = JobError("non_finite_loss", "diverged")
    for course, fails in (([0.1, 0.6], None), ([0.1, 0.2], diverged), ([0.1, 0.6], None), ([0.1, 0.9], None)):
        finish(database, settings, course, fails=fails)

    def values(series: str, **asked: Any) -> list[Any]:
        answer = client.get(path, params={"series": series} | asked).json()
        return [seed["value"] for seed in answer["values"][1]["seeds"]]

    assert values("test.accuracy") == pytest.approx([0.1, 0.9])
    assert values("test.accuracy", goal="min") == ["Infinity", pytest.approx(0.9)]
    assert values("test.loss") == ["Infinity", pytest.approx(0.1)]
    assert values("train.loss") == ["Infinity", pytest.approx(0.1)]
    assert values("train.loss", goal="max") == ["-Infinity", pytest.approx(0.1)]
    found = client.get(path, params={"series": "test.loss"}).json()["differences"][0]["difference"]
    assert (found["low"], found["high"]) == (pytest.approx(-0.3), "Infinity")


@pytest.mark.parametrize("series", ["histograms.hidden1.counts", "histograms.hidden1.nonesuch", "histograms.nobody.lo"])
def test_what_is_no_number_is_not_compared_and_what_can_be_is_named(
    client: httpx.Client, database: Database, settings: Settings, series: str
) -> None:
    path = f"/experiments/{submitted(client, grid={}, seeds=1)['id']}/compare"
    for _ in range(2):
        refused = assert_problem(client.get(path, params={"series": series}), 422, "invalid_query")
        assert "there is: histograms.hidden1.lo, histograms.hidden1.hi" in str(refused["detail"])
        recorded_jobs.finish(database, settings, take(database))
    assert client.get(path, params={"series": "histograms.hidden1.lo"}).json()["differences"]
